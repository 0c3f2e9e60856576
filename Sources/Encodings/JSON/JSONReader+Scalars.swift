extension JSONReader {
    /// Checks a string, of which the quotation mark comes next, and says where it is.
    package mutating func readString(in text: Span<UInt8>) throws(JSONSyntaxError) -> JSONString {
        let start = offset + 1
        var index = start
        var hasEscapes = false
        while true {
            index = Self.plainEnd(from: index, in: text)
            guard index < text.count else { throw JSONSyntaxError(at: start - 1) }
            switch text[index] {
            case .quotationMark:
                offset = index + 1
                return JSONString(start: start, end: index, hasEscapes: hasEscapes)
            case .backslash:
                guard index + 1 < text.count else { throw JSONSyntaxError(at: start - 1) }
                hasEscapes = true
                index = try escapeEnd(from: index, in: text)
            case ..<0x20: throw JSONSyntaxError(at: index)
            case ..<0x80: index += 1
            case _ where isLenient: index += 1
            default: index = try characterEnd(from: index, in: text)
            }
        }
    }

    /// Passes octets that stand for themselves, eight at a time; the text's last seven are not looked at.
    @inline(__always)
    private static func plainEnd(from start: Int, in text: Span<UInt8>) -> Int {
        let octets = unsafe text.bytes
        var index = start
        while index + 8 <= text.count {
            let word = UInt64(
                littleEndian: unsafe octets.unsafeLoadUnaligned(
                    fromUncheckedByteOffset: index, as: UInt64.self))
            let found =
                word & .highBits | word.finds(below: 0x20) | word.finds(.quotationMark)
                | word.finds(.backslash)
            if found != 0 { return index + found.trailingZeroBitCount / 8 }
            index += 8
        }
        return index
    }

    /// Checks a string, number or literal.
    mutating func skipScalar(in text: Span<UInt8>) throws(JSONSyntaxError) {
        switch octet(in: text) {
        case .quotationMark: _ = try readString(in: text)
        case UInt8(ascii: "n"): try skipLiteral("null", in: text)
        case UInt8(ascii: "t"): try skipLiteral("true", in: text)
        case UInt8(ascii: "f"): try skipLiteral("false", in: text)
        case UInt8(ascii: "N") where isLenient: try skipLiteral("NaN", in: text)
        case UInt8(ascii: "I") where isLenient: try skipLiteral("Infinity", in: text)
        case .minus where isLenient && offset + 1 < text.count && text[offset + 1] == UInt8(ascii: "I"):
            try skipLiteral("-Infinity", in: text)
        default: try skipNumber(in: text)
        }
    }

    mutating func skipLiteral(_ literal: String, in text: Span<UInt8>) throws(JSONSyntaxError) {
        var index = offset
        for octet in literal.utf8 {
            guard index < text.count, text[index] == octet else { throw JSONSyntaxError(at: offset) }
            index += 1
        }
        offset = index
    }

    /// A fraction or exponent without digits is not part of the number, and so rejected after it, where FastAPI does.
    mutating func skipNumber(in text: Span<UInt8>) throws(JSONSyntaxError) {
        let start = octet(in: text) == .minus ? offset + 1 : offset
        var end = digitsEnd(from: start, in: text)
        guard end > start else { throw JSONSyntaxError(at: offset) }
        if text[start] == .zero { end = start + 1 }
        if end < text.count, text[end] == .fullStop {
            let fractionEnd = digitsEnd(from: end + 1, in: text)
            if fractionEnd > end + 1 { end = fractionEnd }
        }
        if end < text.count, text[end] | 0x20 == UInt8(ascii: "e") {
            var digits = end + 1
            if digits < text.count, text[digits] == .minus || text[digits] == .plus { digits += 1 }
            let exponentEnd = digitsEnd(from: digits, in: text)
            if exponentEnd > digits { end = exponentEnd }
        }
        offset = end
    }

    private func digitsEnd(from start: Int, in text: Span<UInt8>) -> Int {
        var index = start
        while index < text.count, UInt8.zero...UInt8(ascii: "9") ~= text[index] { index += 1 }
        return index
    }

    /// The end of the escape whose backslash is at `start`, and which is not the text's last octet.
    private func escapeEnd(from start: Int, in text: Span<UInt8>) throws(JSONSyntaxError) -> Int {
        switch text[start + 1] {
        case .quotationMark, .backslash, UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"),
            UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start + 2
        case UInt8(ascii: "u"):
            // The closing quotation mark follows at the earliest; without it the text is cut off.
            guard start + 6 < text.count, JSONString.codeUnit(at: start + 2, in: text) != nil else {
                throw JSONSyntaxError(at: start + 1)
            }
            return start + 6
        default:
            throw JSONSyntaxError(at: start)
        }
    }

    /// The end of a character of two to four octets; surrogates are passed, and judged with the escaped ones.
    private func characterEnd(from start: Int, in text: Span<UInt8>) throws(JSONSyntaxError) -> Int {
        let second: ClosedRange<UInt8>
        let length: Int
        switch text[start] {
        case 0xC2...0xDF: (second, length) = (0x80...0xBF, 2)
        case 0xE0: (second, length) = (0xA0...0xBF, 3)
        case 0xE1...0xEF: (second, length) = (0x80...0xBF, 3)
        case 0xF0: (second, length) = (0x90...0xBF, 4)
        case 0xF1...0xF3: (second, length) = (0x80...0xBF, 4)
        case 0xF4: (second, length) = (0x80...0x8F, 4)
        default: throw JSONSyntaxError(at: start)
        }
        let end = start + length
        guard end <= text.count, second ~= text[start + 1] else { throw JSONSyntaxError(at: start) }
        for index in start + 2..<max(end, start + 2) where text[index] & 0b1100_0000 != 0b1000_0000 {
            throw JSONSyntaxError(at: start)
        }
        return end
    }
}
