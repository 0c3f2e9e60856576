/// Octets as pairs of hexadecimal digits (RFC 4648 §8).
package enum Hexadecimal {
    /// The text of some octets, in lower case.
    package static func encode(_ octets: Span<UInt8>) -> String {
        unsafe String(unsafeUninitializedCapacity: octets.count * 2) { output in
            for index in octets.indices {
                unsafe output[index &* 2] = digit(octets[index] >> 4)
                unsafe output[index &* 2 &+ 1] = digit(octets[index] & 15)
            }
            return octets.count * 2
        }
    }

    /// The octets of a text in lower or upper case, or `nil` if it is not pairs of digits.
    package static func decode(_ text: String) -> [UInt8]? {
        let digits = text.utf8.span
        guard digits.count.isMultiple(of: 2) else { return nil }
        var octets: [UInt8] = []
        octets.reserveCapacity(digits.count / 2)
        for index in 0..<digits.count / 2 {
            guard let high = value(digits[index * 2]), let low = value(digits[index * 2 + 1]) else {
                return nil
            }
            octets.append(high << 4 | low)
        }
        return octets
    }

    /// The number that a digit stands for, in lower or upper case.
    package static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// The digit of a number below 16, in lower case.
    package static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// The digit of a number below 16, in upper case as percent-encoding has it (RFC 3986 §2.1).
    static func upperCaseDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}
