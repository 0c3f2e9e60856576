/// What a list of redirect URIs allows, without anything of ours: equality of octets, or RFC 8252 §7.3 by a pattern.
struct RedirectOracle {
    let exact: [String]
    /// What may stand before and behind the port of a listed loopback URI.
    let loopback: [(head: String, tail: String)]

    func allows(_ text: String) -> Bool {
        exact.contains { $0.utf8.elementsEqual(text.utf8) }
            || loopback.contains { Self.matches(text, $0.head, $0.tail) }
    }

    /// Whether it leads to the machine itself, whatever comes behind.
    static func isLoopback(_ text: String) -> Bool {
        let scheme = text.prefix { $0 != ":" }.lowercased()
        guard scheme == "http" || scheme == "https" else { return false }
        let pattern = /[hH][tT][tT][pP][sS]?:\/\/(127\.0\.0\.1|\[::1\]|[lL][oO][cC][aA][lL][hH][oO][sS][tT])/
        guard let head = text.prefixMatch(of: pattern) else { return false }
        return text[head.range.upperBound...].wholeMatch(of: /(:[0-9]{1,5})?([\/?][!-~]*)?/) != nil
    }

    private static func matches(_ text: String, _ head: String, _ tail: String) -> Bool {
        guard text.utf8.starts(with: head.utf8) else { return false }
        let rest = text.utf8.dropFirst(head.utf8.count)
        guard rest.count >= tail.utf8.count, rest.suffix(tail.utf8.count).elementsEqual(tail.utf8) else {
            return false
        }
        let port = String(decoding: Array(rest.dropLast(tail.utf8.count)), as: UTF8.self)
        guard port.wholeMatch(of: /(:[0-9]{1,5})?/) != nil else { return false }
        return (Int(port.dropFirst()) ?? 0) <= 65_535
    }
}
