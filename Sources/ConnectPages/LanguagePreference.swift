/// Which language a reader understands best, as `Accept-Language` says it (RFC 9110 §12.5.4).
///
/// Anybody can send the field, with a callback too, so only its beginning is read, once, and nothing of it is kept. Written by
/// hand, since no package that the project uses reads the field.
enum LanguagePreference {
    /// More octets than any browser sends.
    static let octetLimit = 256

    /// - Returns: the place in `codes` of the one that is wanted most, and of several the first; `nil` if none is wanted.
    static func best(of codes: [String], acceptLanguage: String) -> Int? {
        let octets = acceptLanguage.utf8.span
        let end = min(octets.count, octetLimit)
        var best: (place: Int, weight: Int)?
        var start = 0
        while start < end {
            var next = start
            while next < end, octets[next] != UInt8(ascii: ",") { next += 1 }
            // A range that is cut off may say another thing than the whole.
            guard next < end || end == octets.count else { break }
            if let place = Self.place(of: octets, start..<next, in: codes) {
                let weight = Self.weight(of: octets, start..<next)
                if weight > best?.weight ?? 0 { best = (place, weight) }
            }
            start = next + 1
        }
        return best?.place
    }

    /// - Parameter tag: `de` or `de-AT`.
    static func place(of tag: String, in codes: [String]) -> Int? {
        let octets = tag.utf8.span
        return place(of: octets, 0..<octets.count, in: codes)
    }

    /// By the primary subtag alone.
    private static func place(of octets: Span<UInt8>, _ range: Range<Int>, in codes: [String]) -> Int? {
        var start = range.lowerBound
        while start < range.upperBound, isSpace(octets[start]) { start += 1 }
        var end = start
        while end < range.upperBound, isLetter(octets[end]) { end += 1 }
        guard end == range.upperBound || isEnd(octets[end]) else { return nil }
        for (index, code) in codes.enumerated() where matches(octets, start..<end, code.utf8.span) {
            return index
        }
        return nil
    }

    /// - Parameter code: in lower case.
    private static func matches(_ octets: Span<UInt8>, _ range: Range<Int>, _ code: Span<UInt8>) -> Bool {
        guard code.count == range.count else { return false }
        for index in code.indices where octets[range.lowerBound + index] | 0x20 != code[index] {
            return false
        }
        return true
    }

    /// In thousandths; 0 for what is no weight.
    private static func weight(of octets: Span<UInt8>, _ range: Range<Int>) -> Int {
        var at = range.lowerBound
        while at < range.upperBound, octets[at] != UInt8(ascii: ";") { at += 1 }
        guard at < range.upperBound else { return 1000 }
        at += 1
        while at < range.upperBound, isSpace(octets[at]) { at += 1 }
        guard at + 2 < range.upperBound, octets[at] | 0x20 == UInt8(ascii: "q"),
            octets[at + 1] == UInt8(ascii: "="), let whole = Self.digit(octets[at + 2]), whole <= 1
        else { return 0 }
        var (weight, unit) = (whole * 1000, 100)
        at += 3
        if at < range.upperBound, octets[at] == UInt8(ascii: ".") {
            at += 1
            while at < range.upperBound, unit > 0, let digit = Self.digit(octets[at]) {
                weight += digit * unit
                unit /= 10
                at += 1
            }
        }
        while at < range.upperBound, isSpace(octets[at]) { at += 1 }
        return at == range.upperBound && weight <= 1000 ? weight : 0
    }

    private static func isSpace(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 }

    private static func isLetter(_ octet: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(octet | 0x20)
    }

    private static func isEnd(_ octet: UInt8) -> Bool {
        isSpace(octet) || "-_;".utf8.contains(octet)
    }

    private static func digit(_ octet: UInt8) -> Int? {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet) ? Int(octet & 0xF) : nil
    }
}
