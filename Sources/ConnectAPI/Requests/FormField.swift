package import Encodings

/// One field of a request, as far as it has been read; a later member of the same name replaces it.
package enum FormField<Value> {
    case absent
    case null
    case value(Value)
    case wrong(ValidationIssue.Fault)
    /// Something inside is wrong; the container starts at this octet, where it is read again to list the faults.
    case wrongInside(offset: Int)
}

extension FormField: Sendable where Value: Sendable {}

extension JSONReader {
    package mutating func readStringField(in text: Span<UInt8>) throws(JSONSyntaxError) -> FormField<String> {
        switch octet(in: text) {
        case .quotationMark:
            guard let value = try readString(in: text).characters(in: text) else {
                return .wrong(.notUnicode)
            }
            return .value(value)
        case UInt8(ascii: "n"):
            try skipValue(in: text)
            return .null
        default:
            try skipValue(in: text)
            return .wrong(.notString)
        }
    }

    /// A whole number, written in digits.
    package mutating func readIntegerField(in text: Span<UInt8>) throws(JSONSyntaxError) -> FormField<Int64> {
        let start = offset
        let first = octet(in: text)
        try skipValue(in: text)
        if first == UInt8(ascii: "n") { return .null }
        var digits: [UInt8] = []
        for index in start..<offset { digits.append(text[index]) }
        guard let value = Int64(String(decoding: digits, as: UTF8.self)) else { return .wrong(.notInteger) }
        return .value(value)
    }

    package mutating func readBooleanField(in text: Span<UInt8>) throws(JSONSyntaxError) -> FormField<Bool> {
        let first = octet(in: text)
        try skipValue(in: text)
        switch first {
        case UInt8(ascii: "t"): return .value(true)
        case UInt8(ascii: "f"): return .value(false)
        case UInt8(ascii: "n"): return .null
        default: return .wrong(.notBoolean)
        }
    }

    package mutating func readListField(in text: Span<UInt8>) throws(JSONSyntaxError) -> FormField<[String]> {
        let start = offset
        guard octet(in: text) == .leftBracket else { return try readOtherField(.notList, in: text) }
        var values: [String] = []
        var isWrong = false
        try openContainer()
        while try nextElement(in: text) {
            guard case .value(let value) = try readStringField(in: text) else {
                isWrong = true
                continue
            }
            values.append(value)
        }
        return isWrong ? .wrongInside(offset: start) : .value(values)
    }

    /// Names that are canonically equivalent in Unicode (é in one scalar or two) are one name here, as in any dictionary.
    package mutating func readDictionaryField(
        in text: Span<UInt8>
    ) throws(JSONSyntaxError) -> FormField<[String: String]> {
        let start = offset
        guard octet(in: text) == .leftBrace else { return try readOtherField(.notDictionary, in: text) }
        var values: [String: String] = [:]
        var isWrong = false
        try openContainer()
        while let name = try nextMember(in: text) {
            let field = try readStringField(in: text)
            guard let name = name.characters(in: text), case .value(let value) = field else {
                isWrong = true
                continue
            }
            values[name] = value
        }
        return isWrong ? .wrongInside(offset: start) : .value(values)
    }

    private mutating func readOtherField<Value>(
        _ fault: ValidationIssue.Fault, in text: Span<UInt8>
    ) throws(JSONSyntaxError) -> FormField<Value> {
        let isNull = octet(in: text) == UInt8(ascii: "n")
        try skipValue(in: text)
        return isNull ? .null : .wrong(fault)
    }
}
