import StateTokens

extension Timestamp {
    /// How far it is from `now`, in the largest unit of which there are two or more: `3 minutes ago`,
    /// `in 90 seconds`.
    func relative(to now: Timestamp) -> String {
        let seconds = seconds(since: now)
        guard seconds != 0 else { return "now" }
        let distance = Duration.seconds(Int64(clamping: seconds.magnitude)).spelledOut
        return seconds < 0 ? "\(distance) ago" : "in \(distance)"
    }
}

extension Duration {
    /// The largest unit of which there are two or more, rounded down: `10 minutes`, `1 second`.
    var spelledOut: String {
        let seconds = components.seconds
        let units: [(name: String, seconds: Int64)] = [("day", 86_400), ("hour", 3600), ("minute", 60)]
        for unit in units where seconds >= 2 * unit.seconds {
            return "\(seconds / unit.seconds) \(unit.name)s"
        }
        return seconds == 1 ? "1 second" : "\(seconds) seconds"
    }
}
