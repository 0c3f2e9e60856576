/// How a space is written: `%20` in a URL (RFC 3986), `+` in a form (RFC 6749 appendix B).
package enum SpaceEncoding: Sendable {
    case percent
    case plus
}

/// Percent-encoding by a table: RFC 3986's unreserved octets stay, all others become `%XX`.
package enum PercentEncoding {
    /// RFC 3986 §2.3: ALPHA, DIGIT, `-`, `.`, `_`, `~`, as one bit for each octet below 64, and below 128.
    private static let unreservedBelow64: UInt64 = 0x03FF_6000_0000_0000
    private static let unreservedBelow128: UInt64 = 0x47FF_FFFE_87FF_FFFE

    @inline(__always)
    private static func isUnreserved(_ octet: UInt8) -> Bool {
        let bits = octet < 64 ? unreservedBelow64 : octet < 128 ? unreservedBelow128 : 0
        return bits >> UInt64(octet & 63) & 1 == 1
    }

    /// Appends the text to a buffer that the caller has reserved.
    package static func append(_ text: Span<UInt8>, to output: inout [UInt8], space: SpaceEncoding = .percent)
    {
        guard text.indices.contains(where: { !isUnreserved(text[$0]) }) else {
            // A state, a challenge: as it is.
            unsafe text.withUnsafeBufferPointer { text in unsafe output.append(contentsOf: text) }
            return
        }
        output.append(addingCapacity: text.count * 3) { output in
            for index in text.indices {
                let octet = text[index]
                if isUnreserved(octet) {
                    output.append(octet)
                } else if octet == 0x20, space == .plus {
                    output.append(UInt8(ascii: "+"))
                } else {
                    output.append(UInt8(ascii: "%"))
                    output.append(Hexadecimal.upperCaseDigit(octet >> 4))
                    output.append(Hexadecimal.upperCaseDigit(octet & 15))
                }
            }
        }
    }

    package static func encode(_ text: String, space: SpaceEncoding = .percent) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count * 3)
        append(text.utf8.span, to: &output, space: space)
        return String(decoding: output, as: UTF8.self)
    }

    /// Strict: nil for a bad escape or for octets that are not UTF-8. A `+` is a space, as forms have it.
    package static func decodeForm(_ octets: ArraySlice<UInt8>) -> String? {
        guard octets.contains(where: { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "%") }) else {
            return String(validating: octets, as: UTF8.self)
        }
        var output: [UInt8] = []
        output.reserveCapacity(octets.count)
        var index = octets.startIndex
        while index < octets.endIndex {
            let octet = octets[index]
            index += 1
            switch octet {
            case UInt8(ascii: "+"): output.append(0x20)
            case UInt8(ascii: "%"):
                guard index + 1 < octets.endIndex, let high = Hexadecimal.value(octets[index]),
                    let low = Hexadecimal.value(octets[index + 1])
                else { return nil }
                output.append(high << 4 | low)
                index += 2
            default: output.append(octet)
            }
        }
        return String(validating: output, as: UTF8.self)
    }
}
