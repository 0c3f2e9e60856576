internal import StateTokens

extension Timestamp {
    /// RFC 3339 as providers write it: with a fraction, which is dropped, and with any offset from UTC.
    init?(providerTime text: String) {
        let octets = Array(text.utf8)
        guard octets.count >= 20 else { return nil }
        var rest = octets[19...]
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst().drop { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        }
        guard let offset = Self.offset(rest),
            let local = Timestamp(
                rfc3339: String(decoding: octets[..<19] + [UInt8(ascii: "Z")], as: UTF8.self))
        else { return nil }
        self = local + .seconds(-offset)
    }

    /// Seconds east of UTC: `Z`, `+01:00`, `-08:00`.
    private static func offset(_ text: ArraySlice<UInt8>) -> Int64? {
        if text.elementsEqual("Z".utf8) { return 0 }
        let digits = text.dropFirst()
        guard text.count == 6, digits[digits.startIndex + 2] == UInt8(ascii: ":"),
            let hours = UInt8(String(decoding: digits.prefix(2), as: UTF8.self)),
            let minutes = UInt8(String(decoding: digits.suffix(2), as: UTF8.self)), hours < 24, minutes < 60
        else { return nil }
        let seconds = Int64(hours) * 3_600 + Int64(minutes) * 60
        switch text.first {
        case UInt8(ascii: "+"): return seconds
        case UInt8(ascii: "-"): return -seconds
        default: return nil
        }
    }
}
