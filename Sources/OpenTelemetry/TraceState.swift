/// The list of a `tracestate` (W3C Trace Context §3.3.1).
enum TraceState {
    /// What must be handed on at least; longer ones are not.
    static let maximumByteCount = 512
    static let maximumMemberCount = 32

    /// Whether a list may be handed on: nothing in it is understood here.
    static func isValid(_ text: String) -> Bool {
        let octets = text.utf8
        guard !octets.isEmpty, octets.count <= maximumByteCount else { return false }
        let members = octets.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
            .map(trimmed).filter { !$0.isEmpty }
        guard (1...maximumMemberCount).contains(members.count) else { return false }
        var keys: Set<[UInt8]> = []
        for member in members {
            guard let equals = member.firstIndex(of: UInt8(ascii: "=")) else { return false }
            let key = Array(member[..<equals])
            guard isKey(key), isValue(member[member.index(after: equals)...]),
                keys.insert(key).inserted
            else { return false }
        }
        return true
    }

    private static func trimmed(_ member: Substring.UTF8View) -> Substring.UTF8View {
        let isSpace = { (octet: UInt8) in octet == 0x20 || octet == 0x09 }
        let start = member.drop(while: isSpace)
        guard let last = start.lastIndex(where: { !isSpace($0) }) else { return start.prefix(0) }
        return start[...last]
    }

    private static func isKey(_ key: [UInt8]) -> Bool {
        guard let first = key.first, key.count <= 256 else { return false }
        let isLetter = { (octet: UInt8) in (0x61...0x7a).contains(octet) }
        let isDigit = { (octet: UInt8) in (0x30...0x39).contains(octet) }
        return (isLetter(first) || isDigit(first))
            && key.allSatisfy { isLetter($0) || isDigit($0) || "_-*/@".utf8.contains($0) }
    }

    /// Visible ASCII and spaces, without the list's own marks.
    private static func isValue(_ value: Substring.UTF8View) -> Bool {
        (1...256).contains(value.count)
            && value.allSatisfy { (0x20...0x7e).contains($0) && $0 != UInt8(ascii: "=") }
    }
}
