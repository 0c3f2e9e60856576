internal import Encodings
internal import StateTokens

/// How long a provider wants to be left alone (RFC 9110 §10.2.3).
enum RetryAfter {
    /// A longer time, or a mistaken one, must not lock a connection up.
    static let limit: Duration = .seconds(3_600)

    /// Reads seconds or an HTTP date in one of its three forms.
    ///
    /// - Returns: nil for what is neither; zero for a date that is over; never more than an hour.
    static func read(_ text: String?, at now: Timestamp) -> Duration? {
        guard let text else { return nil }
        let trimmed = text.split(separator: " ").joined(separator: " ")
        if let seconds = seconds(trimmed) { return min(.seconds(seconds), limit) }
        guard let date = HTTPDate.secondsSinceEpoch(trimmed) else { return nil }
        return max(.zero, min(.seconds(Timestamp(secondsSinceEpoch: date).seconds(since: now)), limit))
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
