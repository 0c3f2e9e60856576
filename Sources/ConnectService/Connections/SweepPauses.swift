/// Which token endpoints are left alone for a while because they do not answer, or asked for it.
///
/// Known to this replica alone: each finds out by a few requests of its own.
struct SweepPauses {
    /// Up to so many failures in a row are put down to the connections.
    private static let tolerance = 3
    private static let shortest = Duration.seconds(30)
    private static let longest = Duration.seconds(1_800)
    /// The most endpoints that are remembered.
    private static let limit = 10_000

    private struct Failures {
        var count: Int
        var pausedUntil: ContinuousClock.Instant
    }

    private var failures: [String: Failures] = [:]

    /// How long the endpoint is still left alone.
    func remaining(for endpoint: String, at now: ContinuousClock.Instant) -> Duration? {
        guard let end = failures[endpoint]?.pausedUntil, end > now else { return nil }
        return now.duration(to: end)
    }

    mutating func noteSuccess(at endpoint: String) { failures[endpoint] = nil }

    /// - Parameter wanted: how long the endpoint asks to be left alone.
    mutating func noteFailure(
        at endpoint: String, wanted: Duration?, now: ContinuousClock.Instant
    ) {
        if failures.count >= Self.limit { failures = failures.filter { $0.value.pausedUntil > now } }
        guard failures.count < Self.limit || failures[endpoint] != nil else { return }
        let count = (failures[endpoint]?.count ?? 0) + 1
        var pause = wanted ?? .zero
        if count >= Self.tolerance {
            let doubled = Self.shortest * (1 << min(count - Self.tolerance, 6))
            pause = max(pause, min(doubled, Self.longest))
        }
        let before = failures[endpoint]?.pausedUntil ?? now
        failures[endpoint] = Failures(count: count, pausedUntil: max(before, now + pause))
    }
}
