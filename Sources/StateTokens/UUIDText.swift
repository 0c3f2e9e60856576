/// The lower-case text of a UUID (RFC 9562 §4), 36 characters, which a record holds as one code and 16 octets.
enum UUIDText {
    static let code: UInt8 = 0xbf
    static let characterCount = 36
    /// The code and the octets.
    static let codedByteCount = 17

    static func isUUID(_ text: Span<UInt8>) -> Bool {
        guard text.count == characterCount else { return false }
        for index in text.indices {
            if isHyphen(index) {
                guard text[index] == UInt8(ascii: "-") else { return false }
            } else {
                guard digit(text[index]) != nil else { return false }
            }
        }
        return true
    }

    /// Appends the code and the octets of a text that is a UUID.
    static func append(_ text: Span<UInt8>, to output: inout OutputSpan<UInt8>) {
        output.append(code)
        var high: UInt8?
        for index in text.indices {
            guard let value = digit(text[index]) else { continue }
            if let first = high {
                output.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
    }

    /// Writes the 36 characters of 16 octets at the start of `buffer`.
    static func write(_ octets: Span<UInt8>, to buffer: UnsafeMutableBufferPointer<UInt8>) {
        var nibble = 0
        for index in 0..<characterCount {
            if isHyphen(index) {
                unsafe buffer[index] = UInt8(ascii: "-")
            } else {
                let value = octets[nibble / 2] >> (nibble % 2 == 0 ? 4 : 0) & 15
                unsafe buffer[index] = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
                nibble += 1
            }
        }
    }

    private static func isHyphen(_ index: Int) -> Bool {
        index == 8 || index == 13 || index == 18 || index == 23
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
