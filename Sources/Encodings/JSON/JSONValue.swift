/// A JSON value. Numbers keep their spelling, so that nothing is rounded.
package enum JSONValue: Sendable, Hashable {
    case null
    case boolean(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

extension JSONValue {
    /// Reads one text of a provider, nested at most `depthLimit` levels below its outermost value.
    ///
    /// A provider's response is read as JavaScript, Go or Python would read it: a byte order mark is passed over, of a name
    /// that comes twice the last value counts (RFC 8259 §4), and what is no character becomes U+FFFD.
    package static func parse(_ bytes: [UInt8], depthLimit: Int = 32) throws(JSONSyntaxError) -> JSONValue {
        try parse(bytes.span, depthLimit: depthLimit)
    }

    package static func parse(_ text: Span<UInt8>, depthLimit: Int = 32) throws(JSONSyntaxError) -> JSONValue
    {
        var reader = JSONReader(deepestLevel: depthLimit + 1, isLenient: true)
        reader.skipByteOrderMark(in: text)
        reader.skipWhitespace(in: text)
        let value = try reader.readValue(in: text)
        reader.skipWhitespace(in: text)
        guard reader.offset == text.count else { throw JSONSyntaxError(at: reader.offset) }
        return value
    }

    /// The octets behind a byte order mark.
    package static func withoutMark(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        bytes.dropFirst(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
    }

    /// The octets of JSON as UTF-8 without a byte order mark.
    ///
    /// The first two characters of a JSON object or array are ASCII, and where their zeros stand tells the encoding,
    /// as RFC 4627 §3 has it. Python's reader does the same.
    package static func inUTF8(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        guard bytes.count >= 4 else { return withoutMark(bytes) }
        let isBigEndian: Bool
        let width: Int
        switch (bytes[0], bytes[1], bytes[2], bytes[3]) {
        case (0, 0, 0xFE, 0xFF), (0, 0, 0, 1...): (isBigEndian, width) = (true, 4)
        case (0xFF, 0xFE, 0, 0), (1..., 0, 0, 0): (isBigEndian, width) = (false, 4)
        case (0xFE, 0xFF, _, _), (0, 1..., 0, 1...): (isBigEndian, width) = (true, 2)
        case (0xFF, 0xFE, _, _), (1..., 0, 1..., 0): (isBigEndian, width) = (false, 2)
        default: return withoutMark(bytes)
        }
        var units: [UInt32] = []
        units.reserveCapacity(bytes.count / width)
        var index = 0
        while index + width <= bytes.count {
            var unit: UInt32 = 0
            for place in 0..<width {
                unit = unit << 8 | UInt32(bytes[index + (isBigEndian ? place : width - 1 - place)])
            }
            units.append(unit)
            index += width
        }
        let text =
            width == 2
            ? String(decoding: units.map { UInt16(truncatingIfNeeded: $0) }, as: UTF16.self)
            : String(decoding: units, as: UTF32.self)
        return withoutMark(Array(text.utf8))
    }

    /// A string, number or boolean as text: providers disagree on which of them an id is.
    package var text: String? {
        switch self {
        case .string(let text), .number(let text): text
        case .boolean(let flag): flag ? "true" : "false"
        case .null, .array, .object: nil
        }
    }

    /// Puts a value at the end of a path, with objects on the way to it; what is no object there gives way.
    package mutating func put(_ value: JSONValue, at names: ArraySlice<String>) {
        guard let name = names.first else {
            self = value
            return
        }
        var members: [String: JSONValue] = [:]
        if case .object(let present) = self { members = present }
        var member = members[name] ?? .null
        member.put(value, at: names.dropFirst())
        members[name] = member
        self = .object(members)
    }
}

extension JSONReader {
    /// Reads the value that comes next. It calls itself for containers, no deeper than the bound.
    package mutating func readValue(in text: Span<UInt8>) throws(JSONSyntaxError) -> JSONValue {
        switch octet(in: text) {
        case .leftBrace:
            var members: [String: JSONValue] = [:]
            try openContainer()
            while let name = try nextMember(in: text) {
                members[name.text(in: text)] = try readValue(in: text)
            }
            return .object(members)
        case .leftBracket:
            var elements: [JSONValue] = []
            try openContainer()
            while try nextElement(in: text) { elements.append(try readValue(in: text)) }
            return .array(elements)
        case .quotationMark: return .string(try readString(in: text).text(in: text))
        case UInt8(ascii: "t"):
            try skipLiteral("true", in: text)
            return .boolean(true)
        case UInt8(ascii: "f"):
            try skipLiteral("false", in: text)
            return .boolean(false)
        default:
            let start = offset
            try skipScalar(in: text)
            guard text[start] == .minus || (UInt8.zero...UInt8(ascii: "9")).contains(text[start]),
                text[offset - 1] != UInt8(ascii: "y")
            else { return .null }
            // Digits and punctuation.
            return .number(JSONString(start: start, end: offset, hasEscapes: false).text(in: text))
        }
    }
}
