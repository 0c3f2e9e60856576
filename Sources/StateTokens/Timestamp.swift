internal import Glibc

/// A point in time, in whole seconds: all that a state, a key's schedule and a connection need.
public struct Timestamp: Sendable, Hashable {
    /// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    public let secondsSinceEpoch: Int64

    public init(secondsSinceEpoch: Int64) { self.secondsSinceEpoch = secondsSinceEpoch }

    /// The system's clock, rounded down.
    public static func now() -> Timestamp {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(secondsSinceEpoch: Int64(time.tv_sec))
    }

    /// The seconds from `earlier` to this.
    public func seconds(since earlier: Timestamp) -> Int64 {
        secondsSinceEpoch.subtractingReportingOverflow(earlier.secondsSinceEpoch).partialValue
    }

    /// The time later by the whole seconds of `duration`.
    public static func + (time: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(secondsSinceEpoch: time.secondsSinceEpoch &+ duration.wholeSeconds)
    }

    /// The time earlier by the whole seconds of `duration`.
    public static func - (time: Timestamp, duration: Duration) -> Timestamp {
        Timestamp(secondsSinceEpoch: time.secondsSinceEpoch &- duration.wholeSeconds)
    }
}

extension Timestamp: Comparable {
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.secondsSinceEpoch < right.secondsSinceEpoch
    }
}

extension Duration {
    /// Like `components.seconds`, which is slower because it computes the attoseconds as well.
    fileprivate var wholeSeconds: Int64 {
        Int64(truncatingIfNeeded: attoseconds / 1_000_000_000_000_000_000)
    }
}
