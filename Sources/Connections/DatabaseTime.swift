package import StateTokens

/// A moment on the database's clock, the only one that all replicas share.
package struct DatabaseTime: Sendable, Hashable, Comparable {
    package let millisecondsSinceEpoch: Int64

    package init(millisecondsSinceEpoch: Int64) { self.millisecondsSinceEpoch = millisecondsSinceEpoch }

    /// The beginning of a whole second; one out of range is the last or the first moment that there is.
    package init(_ timestamp: Timestamp) {
        let (product, overflow) = timestamp.secondsSinceEpoch.multipliedReportingOverflow(by: 1000)
        self.init(
            millisecondsSinceEpoch: overflow
                ? (timestamp.secondsSinceEpoch < 0 ? .min : .max) : product)
    }

    package static func < (earlier: DatabaseTime, later: DatabaseTime) -> Bool {
        earlier.millisecondsSinceEpoch < later.millisecondsSinceEpoch
    }

    /// A sum out of range is the last moment there is: an absurd lease is long, it does not wrap.
    package static func + (time: DatabaseTime, duration: Duration) -> DatabaseTime {
        let (sum, overflow) = time.millisecondsSinceEpoch.addingReportingOverflow(milliseconds(of: duration))
        guard overflow else { return DatabaseTime(millisecondsSinceEpoch: sum) }
        return DatabaseTime(millisecondsSinceEpoch: duration < .zero ? .min : .max)
    }

    /// How long it is from `now` until this moment; zero if it has passed.
    package func remaining(at now: DatabaseTime) -> Duration {
        guard self > now else { return .zero }
        let (left, overflow) = millisecondsSinceEpoch.subtractingReportingOverflow(now.millisecondsSinceEpoch)
        return .milliseconds(overflow ? .max : left)
    }

    /// The whole second that this moment is in.
    package var timestamp: Timestamp {
        let (seconds, rest) = millisecondsSinceEpoch.quotientAndRemainder(dividingBy: 1000)
        return Timestamp(secondsSinceEpoch: rest < 0 ? seconds - 1 : seconds)
    }

    private static func milliseconds(of duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow else { return seconds < 0 ? .min : .max }
        let (sum, overflowed) = whole.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        guard !overflowed else { return seconds < 0 ? .min : .max }
        return sum
    }
}
