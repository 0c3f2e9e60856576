/// The fields of a query or of an `application/x-www-form-urlencoded` body.
package enum FormFields {
    /// Strict: nil for a bad escape, octets that are not UTF-8, a field without `=`, or too many fields.
    package static func parse(_ octets: [UInt8], countLimit: Int) -> [(name: String, value: String)]? {
        var fields: [(name: String, value: String)] = []
        for part in octets.split(separator: UInt8(ascii: "&")) {
            guard fields.count < countLimit, let equals = part.firstIndex(of: UInt8(ascii: "=")),
                let name = PercentEncoding.decodeForm(part[..<equals]),
                let value = PercentEncoding.decodeForm(part[(equals + 1)...])
            else { return nil }
            fields.append((name, value))
        }
        return fields
    }
}
