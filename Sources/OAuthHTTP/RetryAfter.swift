package import StateTokens

/// How long a provider wants to be left alone (RFC 9110 §10.2.3).
enum RetryAfter {
    /// A longer time, or a mistaken one, must not lock a connection up.
    static let limit: Duration = .seconds(3_600)

    /// Reads seconds or an HTTP date.
    ///
    /// - Returns: nil for what is neither; zero for a date that is over; never more than an hour.
    static func read(_ text: String?, at now: Timestamp) -> Duration? {
        guard let text else { return nil }
        let trimmed = text.split(separator: " ").joined(separator: " ")
        if let seconds = seconds(trimmed) { return min(.seconds(seconds), limit) }
        guard let date = Timestamp(httpDate: trimmed) else { return nil }
        return max(.zero, min(.seconds(date.seconds(since: now)), limit))
    }

    /// Whole seconds. A fraction, which some providers send, is rounded up.
    private static func seconds(_ text: String) -> Int64? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let isNumber = parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        guard isNumber, let whole = parts.first else { return nil }
        // What does not fit is beyond the limit too.
        let seconds = whole.utf8.count > 9 ? 1_000_000_000 : Int64(whole) ?? 0
        let isWhole = parts.count == 1 || parts[1].utf8.allSatisfy { $0 == 0x30 }
        return isWhole ? seconds : seconds + 1
    }
}

extension Timestamp {
    private static var months: [Substring] {
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    }

    /// Reads an IMF-fixdate (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
    package init?(httpDate text: String) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[5] == "GMT", parts[1].count == 2, parts[3].count == 4,
            let month = Self.months.firstIndex(of: parts[2])
        else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        self.init(rfc3339: "\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
    }
}
