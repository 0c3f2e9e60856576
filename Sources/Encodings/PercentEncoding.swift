/// How a space is written: `%20` in a URL (RFC 3986), `+` in a form (RFC 6749 appendix B).
package enum SpaceEncoding: Sendable {
    case percent
    case plus
}

/// Percent-encoding by a table: RFC 3986's unreserved octets stay, all others become `%XX`.
package enum PercentEncoding {
    /// Whether a text has an octet that is not unreserved. Looks at eight at a time.
    private static func hasReserved(_ text: Span<UInt8>) -> Bool {
        text.findInWords(padding: UInt8(ascii: "-")) { word in
            let low = word & ~UInt64.highBits
            let letters = (low | UInt64(repeating: 0x20)).inASCII(
                UInt8(ascii: "a"), through: UInt8(ascii: "z"))
            let unreserved =
                letters | low.inASCII(UInt8(ascii: "0"), through: UInt8(ascii: "9"))
                | low.inASCII(UInt8(ascii: "-"), through: UInt8(ascii: "."))
                | low.inASCII(UInt8(ascii: "_"), through: UInt8(ascii: "_"))
                | low.inASCII(UInt8(ascii: "~"), through: UInt8(ascii: "~"))
            return (word | ~unreserved) & .highBits
        } != 0
    }

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
        guard hasReserved(text) else {
            // Nothing to encode: a state, a challenge.
            output.append(addingCapacity: text.count) { $0.append(octets: text) }
            return
        }
        output.append(addingCapacity: text.count * 3) { output in
            // By its address, because each octet would ask for room. There is enough for three for each.
            unsafe output.withUnsafeMutableBufferPointer { buffer, count in
                guard let base = buffer.baseAddress else { return }
                var target = unsafe base + count
                for index in text.indices {
                    let octet = text[index]
                    if isUnreserved(octet) {
                        unsafe target.initialize(to: octet)
                        unsafe target += 1
                    } else if octet == 0x20, space == .plus {
                        unsafe target.initialize(to: UInt8(ascii: "+"))
                        unsafe target += 1
                    } else {
                        unsafe target.initialize(to: UInt8(ascii: "%"))
                        unsafe (target + 1).initialize(to: Hexadecimal.upperCaseDigit(octet >> 4))
                        unsafe (target + 2).initialize(to: Hexadecimal.upperCaseDigit(octet & 15))
                        unsafe target += 3
                    }
                }
                count = unsafe target - base
            }
        }
    }

    package static func encode(_ text: String, space: SpaceEncoding = .percent) -> String {
        var output: [UInt8] = []
        output.reserveCapacity(text.utf8.count * 3)
        append(text.utf8.span, to: &output, space: space)
        return String(decoding: output, as: UTF8.self)
    }

    /// A form as the query of a URI (RFC 3986 §3.4): what a query cannot hold is escaped, and escapes stay.
    package static func query(ofForm form: [UInt8]) -> String {
        var query: [UInt8] = []
        query.reserveCapacity(form.count)
        for (index, octet) in form.enumerated() {
            // Without two digits a `%` stands for itself.
            let isEscape =
                octet == UInt8(ascii: "%")
                && form[(index + 1)...].prefix(2).count { Hexadecimal.value($0) != nil } == 2
            if isEscape || isUnreserved(octet) || "!$&'()*+,;=:@/?".utf8.contains(octet) {
                query.append(octet)
            } else {
                query.append(UInt8(ascii: "%"))
                query.append(Hexadecimal.upperCaseDigit(octet >> 4))
                query.append(Hexadecimal.upperCaseDigit(octet & 15))
            }
        }
        return String(decoding: query, as: UTF8.self)
    }

    /// Strict: `nil` for a bad escape or for octets that are not UTF-8. A `+` is a space, as in forms.
    package static func decodeForm(_ octets: ArraySlice<UInt8>) -> String? {
        guard hasEscapes(octets) else { return String(validating: octets, as: UTF8.self) }
        let (decoded, isStrict) = decoded(octets, plus: 0x20)
        return isStrict ? String(validating: decoded, as: UTF8.self) : nil
    }

    /// Strict, for a segment of a URL's path, where a `+` is a plus sign (RFC 3986 §3.3).
    package static func decodeSegment(_ text: String) -> String? {
        decodeOctets(text).flatMap { String(validating: $0, as: UTF8.self) }
    }

    /// Strict: `nil` for a bad escape. A `+` is a plus sign, and octets need not be UTF-8, as in a URL's userinfo.
    package static func decodeOctets(_ text: some StringProtocol) -> [UInt8]? {
        let (octets, isStrict) = decoded(ArraySlice(text.utf8), plus: UInt8(ascii: "+"))
        return isStrict ? octets : nil
    }

    /// As browsers read it: a `%` without two digits stays as it is, and octets that are not UTF-8 become U+FFFD.
    package static func decodeFormText(_ octets: ArraySlice<UInt8>) -> (text: String, isUTF8: Bool) {
        let decoded = hasEscapes(octets) ? decoded(octets, plus: 0x20).octets[...] : octets
        if let text = String(validating: decoded, as: UTF8.self) { return (text, true) }
        return (String(decoding: decoded, as: UTF8.self), false)
    }

    private static func hasEscapes(_ octets: ArraySlice<UInt8>) -> Bool {
        octets.contains { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "%") }
    }

    /// - Parameter plus: what a `+` stands for.
    private static func decoded(
        _ octets: ArraySlice<UInt8>, plus: UInt8
    ) -> (octets: [UInt8], isStrict: Bool) {
        var output: [UInt8] = []
        output.reserveCapacity(octets.count)
        var isStrict = true
        var index = octets.startIndex
        while index < octets.endIndex {
            let octet = octets[index]
            index += 1
            switch octet {
            case UInt8(ascii: "+"): output.append(plus)
            case UInt8(ascii: "%"):
                if index + 1 < octets.endIndex, let high = Hexadecimal.value(octets[index]),
                    let low = Hexadecimal.value(octets[index + 1])
                {
                    output.append(high << 4 | low)
                    index += 2
                } else {
                    output.append(octet)
                    isStrict = false
                }
            default: output.append(octet)
            }
        }
        return (output, isStrict)
    }
}
