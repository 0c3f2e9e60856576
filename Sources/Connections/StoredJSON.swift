import Encodings

/// Lists and maps of texts, as rows hold them.
enum StoredJSON {
    static func strings(_ text: Span<UInt8>) throws(JSONSyntaxError) -> [String] {
        var reader = try begin(UInt8(ascii: "["), text)
        var elements: [String] = []
        while try reader.nextElement(in: text) { elements.append(try string(&reader, text)) }
        try end(&reader, text)
        return elements
    }

    /// Of a name that comes twice the last value counts.
    static func dictionary(_ text: Span<UInt8>) throws(JSONSyntaxError) -> [String: String] {
        var reader = try begin(UInt8(ascii: "{"), text)
        var members: [String: String] = [:]
        while let name = try reader.nextMember(in: text) {
            guard let name = name.characters(in: text) else { throw JSONSyntaxError(at: reader.offset) }
            members[name] = try string(&reader, text)
        }
        try end(&reader, text)
        return members
    }

    /// As `JSONEncoder` wrote it, which escapes slashes: rows of earlier versions look the same.
    static func text(_ elements: [String]) -> String {
        text(UInt8(ascii: "["), UInt8(ascii: "]"), elements.count) { index, octets in
            append(elements[index], to: &octets)
        }
    }

    /// By name, so that a change of something else does not look like one of it.
    static func text(_ members: [String: String]) -> String {
        let sorted = members.sorted { $0.key < $1.key }
        return text(UInt8(ascii: "{"), UInt8(ascii: "}"), sorted.count) { index, octets in
            append(sorted[index].key, to: &octets)
            octets.append(UInt8(ascii: ":"))
            append(sorted[index].value, to: &octets)
        }
    }

    private static func text(
        _ start: UInt8, _ end: UInt8, _ count: Int, _ write: (Int, inout [UInt8]) -> Void
    ) -> String {
        var octets: [UInt8] = []
        octets.reserveCapacity(2 + 48 * count)
        octets.append(start)
        for index in 0..<count {
            if index > 0 { octets.append(UInt8(ascii: ",")) }
            write(index, &octets)
        }
        octets.append(end)
        return String(decoding: octets, as: UTF8.self)
    }

    private static func append(_ text: String, to octets: inout [UInt8]) {
        octets.append(UInt8(ascii: "\""))
        for octet in text.utf8 {
            switch octet {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
                octets.append(UInt8(ascii: "\\"))
                octets.append(octet)
            case 0x08: octets.append(contentsOf: #"\b"#.utf8)
            case 0x09: octets.append(contentsOf: #"\t"#.utf8)
            case 0x0A: octets.append(contentsOf: #"\n"#.utf8)
            case 0x0C: octets.append(contentsOf: #"\f"#.utf8)
            case 0x0D: octets.append(contentsOf: #"\r"#.utf8)
            case ..<0x20:
                octets.append(contentsOf: #"\u00"#.utf8)
                octets.append(Hexadecimal.digit(octet >> 4))
                octets.append(Hexadecimal.digit(octet & 15))
            default: octets.append(octet)
            }
        }
        octets.append(UInt8(ascii: "\""))
    }

    /// `nil` for what is no map of texts.
    static func readableDictionary(_ text: [UInt8]) -> [String: String]? {
        do throws(JSONSyntaxError) {
            return try dictionary(text.span)
        } catch {
            return nil
        }
    }

    private static func begin(
        _ bracket: UInt8, _ text: Span<UInt8>
    ) throws(JSONSyntaxError) -> JSONReader {
        var reader = JSONReader(deepestLevel: 1)
        reader.skipWhitespace(in: text)
        guard reader.octet(in: text) == bracket else { throw JSONSyntaxError(at: reader.offset) }
        try reader.openContainer()
        return reader
    }

    private static func string(
        _ reader: inout JSONReader, _ text: Span<UInt8>
    ) throws(JSONSyntaxError) -> String {
        guard reader.octet(in: text) == UInt8(ascii: "\""),
            let string = try reader.readString(in: text).characters(in: text)
        else { throw JSONSyntaxError(at: reader.offset) }
        return string
    }

    private static func end(_ reader: inout JSONReader, _ text: Span<UInt8>) throws(JSONSyntaxError) {
        reader.skipWhitespace(in: text)
        guard reader.offset == text.count else { throw JSONSyntaxError(at: reader.offset) }
    }
}
