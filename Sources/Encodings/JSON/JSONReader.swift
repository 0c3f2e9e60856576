/// Reads JSON text (RFC 8259): once over its octets, and it builds nothing but what is asked for.
///
/// An error is where FastAPI shows it. Nesting is bounded. The text is passed to every call, since storing a span needs an
/// experimental flag in Swift 6.3.
package struct JSONReader {
    package static let deepestLevel = 64

    /// The octet to be read next.
    package internal(set) var offset: Int
    private let deepestLevel: Int
    /// Whether to take what the readers of other languages take from a provider: octets that are not UTF-8 and lone
    /// surrogates, which become U+FFFD, and `NaN` and the infinities, which become null.
    let isLenient: Bool
    private var level = 0
    /// Nothing of the innermost container has been read yet.
    private var isFresh = false

    package init(
        at offset: Int = 0, deepestLevel: Int = JSONReader.deepestLevel, isLenient: Bool = false
    ) {
        precondition((0...64).contains(deepestLevel), "skipping keeps one bit a level")
        self.offset = offset
        self.deepestLevel = deepestLevel
        self.isLenient = isLenient
    }

    /// Passes the mark that some programs write in front of UTF-8; RFC 8259 §8.1 lets readers ignore it.
    package mutating func skipByteOrderMark(in text: Span<UInt8>) {
        guard offset == 0, text.count >= 3, text[0] == 0xEF, text[1] == 0xBB, text[2] == 0xBF else { return }
        offset = 3
    }

    /// The next octet; NUL, which no value starts with, at the end.
    @inlinable package func octet(in text: Span<UInt8>) -> UInt8 {
        offset < text.count ? text[offset] : 0
    }

    package mutating func skipWhitespace(in text: Span<UInt8>) {
        while offset < text.count {
            switch text[offset] {
            case .space, .tab, .lineFeed, .carriageReturn: offset += 1
            default: return
            }
        }
    }

    /// Passes a `[` or `{`.
    package mutating func openContainer() throws(JSONSyntaxError) {
        guard level < deepestLevel else { throw JSONSyntaxError(at: offset) }
        level += 1
        offset += 1
        isFresh = true
    }

    /// Passes on to an object's next value and returns its name, or closes the object.
    package mutating func nextMember(in text: Span<UInt8>) throws(JSONSyntaxError) -> JSONString? {
        skipWhitespace(in: text)
        if octet(in: text) == .rightBrace {
            closeContainer()
            return nil
        }
        try passComma(in: text)
        guard octet(in: text) == .quotationMark else { throw JSONSyntaxError(at: offset) }
        let name = try readString(in: text)
        skipWhitespace(in: text)
        guard octet(in: text) == .colon else { throw JSONSyntaxError(at: offset) }
        offset += 1
        skipWhitespace(in: text)
        return name
    }

    /// Passes on to an array's next value, or closes the array.
    package mutating func nextElement(in text: Span<UInt8>) throws(JSONSyntaxError) -> Bool {
        skipWhitespace(in: text)
        if octet(in: text) == .rightBracket {
            closeContainer()
            return false
        }
        try passComma(in: text)
        return true
    }

    /// Checks a value of any kind and builds nothing; no recursion, so that no depth costs stack.
    package mutating func skipValue(in text: Span<UInt8>) throws(JSONSyntaxError) {
        let outside = level
        // One bit a level, the innermost lowest: whether it is an object.
        var objects: UInt64 = 0
        value: while true {
            switch octet(in: text) {
            case .leftBrace:
                try openContainer()
                objects = objects << 1 | 1
            case .leftBracket:
                try openContainer()
                objects <<= 1
            default:
                try skipScalar(in: text)
            }
            while level > outside {
                let isObject = objects & 1 == 1
                if isObject, try nextMember(in: text) != nil { continue value }
                if !isObject, try nextElement(in: text) { continue value }
                objects >>= 1
            }
            return
        }
    }

    private mutating func passComma(in text: Span<UInt8>) throws(JSONSyntaxError) {
        defer { isFresh = false }
        guard !isFresh else { return }
        guard octet(in: text) == .comma else { throw JSONSyntaxError(at: offset) }
        offset += 1
        skipWhitespace(in: text)
    }

    private mutating func closeContainer() {
        level -= 1
        offset += 1
        isFresh = false
    }
}
