/// The fields of a query or of an `application/x-www-form-urlencoded` body, read as browsers read them (WHATWG URL,
/// §5.1): a stray `%` stays as it is, a part without `=` is a name with an empty value, an empty part is nothing.
package enum FormFields {
    package struct Field: Sendable, Equatable {
        package let name: String
        /// With U+FFFD in place of octets that are not UTF-8.
        package let value: String
        /// Whether the value is UTF-8. Where it is not, the value is good for people to read, and for nothing else.
        package let isUTF8: Bool
    }

    /// - Returns: `nil` for more than `countLimit` fields.
    package static func parse(_ octets: [UInt8], countLimit: Int) -> [Field]? {
        var fields: [Field] = []
        for part in octets.split(separator: UInt8(ascii: "&")) {
            guard fields.count < countLimit else { return nil }
            let equals = part.firstIndex(of: UInt8(ascii: "="))
            let name = PercentEncoding.decodeFormText(part[..<(equals ?? part.endIndex)])
            let value = PercentEncoding.decodeFormText(equals.map { part[($0 + 1)...] } ?? [])
            fields.append(Field(name: name.text, value: value.text, isUTF8: value.isUTF8))
        }
        return fields
    }
}
