/// How long a response stays fresh (RFC 9111 §4.2), by what it says itself.
enum CacheLifetime {
    /// - Parameters:
    ///   - cacheControl: the values of all `Cache-Control` fields.
    ///   - age: the value of `Age`: how long a cache on the way has kept it.
    /// - Returns: zero for what may not be kept; `nil` where nothing readable is said.
    static func read(cacheControl: [String], age: String?) -> Duration? {
        var lifetime: Duration?
        for directive in cacheControl.flatMap({ $0.split(separator: ",") }) {
            let parts = directive.split(separator: "=", maxSplits: 1).map(trimmed)
            switch parts.first?.lowercased() {
            case "no-store", "no-cache": return .zero
            case "max-age": if parts.count == 2, lifetime == nil { lifetime = seconds(parts[1]) }
            default: continue
            }
        }
        return lifetime.map { max(.zero, $0 - (age.flatMap { seconds(trimmed(Substring($0))) } ?? .zero)) }
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let first = text.first, " \t\"".contains(first) { text.removeFirst() }
        while let last = text.last, " \t\"".contains(last) { text.removeLast() }
        return String(text)
    }

    /// Delta-seconds (RFC 9111 §1.2.2): more than fits counts as 2^31.
    private static func seconds(_ text: String) -> Duration? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return .seconds(min(Int64(text) ?? 1 << 31, 1 << 31))
    }
}
