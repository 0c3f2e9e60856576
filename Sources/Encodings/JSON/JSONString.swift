/// A string that `JSONReader` has checked, not yet copied out of the text.
package struct JSONString {
    /// The first octet after the quotation mark, and the closing one.
    let start, end: Int
    let hasEscapes: Bool

    /// Whether it is this name, however it is escaped.
    package func matches(_ name: String, in text: Span<UInt8>) -> Bool {
        if hasEscapes { return octets(in: text).elementsEqual(name.utf8) }
        guard name.utf8.count == end - start else { return false }
        let octets = name.utf8.span
        for index in octets.indices where text[start + index] != octets[index] { return false }
        return true
    }

    /// Its characters; `nil` if a lone surrogate is among them, which Unicode does not know.
    package func characters(in text: Span<UInt8>) -> String? {
        if hasEscapes {
            let octets = octets(in: text)
            return Self.characters(of: octets.span)
        }
        return Self.characters(of: text.extracting(start..<end))
    }

    /// Its characters, with U+FFFD in place of what is none.
    package func text(in text: Span<UInt8>) -> String {
        if hasEscapes {
            return String(decoding: octets(in: text, replacingSurrogates: true), as: UTF8.self)
        }
        let plain = text.extracting(start..<end)
        if let characters = Self.characters(of: plain) { return characters }
        return unsafe plain.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// Its UTF-8, without escapes; a lone surrogate is written as if it were a character, or as U+FFFD.
    package func octets(in text: Span<UInt8>, replacingSurrogates: Bool = false) -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(end - start)
        var index = start
        while index < end {
            guard text[index] == .backslash else {
                octets.append(text[index])
                index += 1
                continue
            }
            switch text[index + 1] {
            case UInt8(ascii: "b"): octets.append(0x08)
            case UInt8(ascii: "f"): octets.append(0x0C)
            case UInt8(ascii: "n"): octets.append(.lineFeed)
            case UInt8(ascii: "r"): octets.append(.carriageReturn)
            case UInt8(ascii: "t"): octets.append(.tab)
            case UInt8(ascii: "u"):
                let (codePoint, length) = escapedCodePoint(at: index, in: text)
                let isLone = (0xD800...0xDFFF).contains(codePoint)
                octets.append(codePoint: isLone && replacingSurrogates ? 0xFFFD : codePoint)
                index += length
                continue
            case let octet: octets.append(octet)
            }
            index += 2
        }
        return octets
    }

    /// The number of four hexadecimal digits.
    static func codeUnit(at start: Int, in text: Span<UInt8>) -> UInt32? {
        var value: UInt32 = 0
        for index in start..<start + 4 {
            guard let digit = Hexadecimal.value(text[index]) else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    private static func characters(of octets: Span<UInt8>) -> String? {
        do {
            return String(copying: try UTF8Span(validating: octets))
        } catch {
            return nil
        }
    }

    /// A `\u` escape, or two of them that are a pair, and how many octets they are.
    private func escapedCodePoint(at index: Int, in text: Span<UInt8>) -> (UInt32, length: Int) {
        let first = Self.codeUnit(at: index + 2, in: text) ?? 0xFFFD
        guard 0xD800...0xDBFF ~= first, index + 12 <= end, text[index + 6] == .backslash,
            text[index + 7] == UInt8(ascii: "u"), let second = Self.codeUnit(at: index + 8, in: text),
            0xDC00...0xDFFF ~= second
        else { return (first, 6) }
        return (0x10000 + (first - 0xD800) << 10 + (second - 0xDC00), 12)
    }
}

extension [UInt8] {
    /// Appends what UTF-8 would be for it, were surrogates characters.
    fileprivate mutating func append(codePoint: UInt32) {
        func append(_ lead: UInt32, _ shift: UInt32) {
            self.append(UInt8(truncatingIfNeeded: lead | codePoint >> shift))
        }
        func appendRest(_ shift: UInt32) {
            self.append(UInt8(truncatingIfNeeded: 0x80 | codePoint >> shift & 0x3F))
        }
        switch codePoint {
        case ..<0x80: append(0, 0)
        case ..<0x800:
            append(0xC0, 6)
            appendRest(0)
        case ..<0x10000:
            append(0xE0, 12)
            appendRest(6)
            appendRest(0)
        default:
            append(0xF0, 18)
            appendRest(12)
            appendRest(6)
            appendRest(0)
        }
    }
}
