/// Writes JSON that is always well formed: it closes containers, escapes strings and separates with commas.
///
/// Compact, with characters beyond ASCII unescaped: octet for octet what FastAPI writes.
package enum JSONOutput {
    /// An object, whole.
    package static func object(capacity: Int = 256, _ write: (inout Members) -> Void) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(capacity)
        text.appendObject(write)
        return text
    }

    /// An array, whole.
    package static func array(_ write: (inout Elements) -> Void) -> [UInt8] {
        var text: [UInt8] = []
        text.appendArray(write)
        return text
    }

    /// Adds an object to what is written already.
    package static func appendObject(to text: inout [UInt8], _ write: (inout Members) -> Void) {
        text.appendObject(write)
    }

    /// An object's members, while they are written.
    package struct Members {
        fileprivate var text: [UInt8]
        private var isEmpty = true

        fileprivate init(text: consuming [UInt8]) { self.text = text }

        package mutating func member(_ name: String, _ value: String) {
            begin(name)
            text.append(quoted: value)
        }

        /// A string, or null.
        package mutating func member(_ name: String, _ value: String?) {
            if let value { member(name, value) } else { null(name) }
        }

        package mutating func member(_ name: String, _ value: Int) {
            begin(name)
            text.append(contentsOf: String(value).utf8)
        }

        package mutating func member(_ name: String, _ value: Bool) {
            begin(name)
            text.append(contentsOf: (value ? "true" : "false").utf8)
        }

        /// A value that is JSON already, and known to be.
        package mutating func member(_ name: String, json: String) {
            begin(name)
            text.append(contentsOf: json.utf8)
        }

        package mutating func null(_ name: String) {
            begin(name)
            text.append(contentsOf: "null".utf8)
        }

        package mutating func object(_ name: String, _ write: (inout Members) -> Void) {
            begin(name)
            text.appendObject(write)
        }

        package mutating func array(_ name: String, _ write: (inout Elements) -> Void) {
            begin(name)
            text.appendArray(write)
        }

        private mutating func begin(_ name: String) {
            text.append(quoted: name, after: isEmpty ? nil : .comma, before: .colon)
            isEmpty = false
        }
    }

    /// An array's elements, while they are written.
    package struct Elements {
        fileprivate var text: [UInt8]
        private var isEmpty = true

        fileprivate init(text: consuming [UInt8]) { self.text = text }

        package mutating func element(_ value: String) {
            begin()
            text.append(quoted: value)
        }

        package mutating func element(_ value: Int) {
            begin()
            text.append(contentsOf: String(value).utf8)
        }

        package mutating func object(_ write: (inout Members) -> Void) {
            begin()
            text.appendObject(write)
        }

        package mutating func array(_ write: (inout Elements) -> Void) {
            begin()
            text.appendArray(write)
        }

        private mutating func begin() {
            if !isEmpty { text.append(.comma) }
            isEmpty = false
        }
    }
}

extension [UInt8] {
    // The text moves into the container and back, so that it is never copied: a second reference, if only until the
    // container is gone, would let the next octet copy all that is written so far.
    fileprivate mutating func appendObject(_ write: (inout JSONOutput.Members) -> Void) {
        append(.leftBrace)
        var members = JSONOutput.Members(text: take())
        write(&members)
        self = members.text.take()
        append(.rightBrace)
    }

    fileprivate mutating func appendArray(_ write: (inout JSONOutput.Elements) -> Void) {
        append(.leftBracket)
        var elements = JSONOutput.Elements(text: take())
        write(&elements)
        self = elements.text.take()
        append(.rightBracket)
    }

    fileprivate mutating func take() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &self)
        return taken
    }

    /// A string with its quotation marks and escapes (RFC 8259 §7), and the octets that stand around it.
    mutating func append(quoted value: String, after before: UInt8? = nil, before after: UInt8? = nil) {
        let octets = value.utf8.span
        guard !Self.hasEscapes(octets) else {
            if let before { append(before) }
            append(.quotationMark)
            appendEscaped(value)
            append(.quotationMark)
            if let after { append(after) }
            return
        }
        // All at once, because the array looks for room at each step.
        append(addingCapacity: octets.count + 4) { output in
            if let before { output.append(before) }
            output.append(.quotationMark)
            output.append(octets: octets)
            output.append(.quotationMark)
            if let after { output.append(after) }
        }
    }

    /// Whether a string has a quotation mark, a backslash or a control character.
    private static func hasEscapes(_ octets: Span<UInt8>) -> Bool {
        octets.findInWords(padding: .space) { word in
            word.finds(below: 0x20) | word.finds(.quotationMark) | word.finds(.backslash)
        } != 0
    }

    private mutating func appendEscaped(_ value: String) {
        for octet in value.utf8 {
            switch octet {
            case .quotationMark, .backslash:
                append(.backslash)
                append(octet)
            case 0x08: append(contentsOf: #"\b"#.utf8)
            case .tab: append(contentsOf: #"\t"#.utf8)
            case .lineFeed: append(contentsOf: #"\n"#.utf8)
            case 0x0C: append(contentsOf: #"\f"#.utf8)
            case .carriageReturn: append(contentsOf: #"\r"#.utf8)
            case ..<0x20:
                append(contentsOf: #"\u00"#.utf8)
                append(Hexadecimal.digit(octet >> 4))
                append(Hexadecimal.digit(octet & 15))
            default: append(octet)
            }
        }
    }
}
