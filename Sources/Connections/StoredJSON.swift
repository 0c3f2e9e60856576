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

    static func text(_ elements: [String]) -> String {
        text(
            JSONOutput.array { array in
                for element in elements { array.element(element) }
            })
    }

    /// By name, so that a change of something else does not look like one of it.
    static func text(_ members: [String: String]) -> String {
        text(
            JSONOutput.object { object in
                for (name, value) in members.sorted(by: { $0.key < $1.key }) { object.member(name, value) }
            })
    }

    /// As `JSONEncoder` wrote it, which escapes slashes: rows of earlier versions look the same.
    private static func text(_ json: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(json.count + 16)
        for octet in json {
            // A slash stands in strings alone.
            if octet == UInt8(ascii: "/") { text.append(UInt8(ascii: "\\")) }
            text.append(octet)
        }
        return String(decoding: text, as: UTF8.self)
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
