internal import Encodings
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

    /// The seconds from `earlier` to this; `Int64.max` or `Int64.min` where there are more than that.
    public func seconds(since earlier: Timestamp) -> Int64 {
        let (difference, overflow) = secondsSinceEpoch.subtractingReportingOverflow(
            earlier.secondsSinceEpoch)
        return overflow ? (secondsSinceEpoch < 0 ? .min : .max) : difference
    }

    /// The time later by the whole seconds of `duration`: less than a second adds nothing.
    ///
    /// A time that has no room in `secondsSinceEpoch` becomes the last one that has, or the first.
    public static func + (time: Timestamp, duration: Duration) -> Timestamp {
        let seconds = duration.wholeSeconds
        let (sum, overflow) = time.secondsSinceEpoch.addingReportingOverflow(seconds)
        return Timestamp(secondsSinceEpoch: overflow ? (seconds < 0 ? .min : .max) : sum)
    }

    /// The time earlier by the whole seconds of `duration`: less than a second takes nothing away.
    ///
    /// A time that has no room in `secondsSinceEpoch` becomes the first one that has, or the last.
    public static func - (time: Timestamp, duration: Duration) -> Timestamp {
        let seconds = duration.wholeSeconds
        let (difference, overflow) = time.secondsSinceEpoch.subtractingReportingOverflow(seconds)
        return Timestamp(secondsSinceEpoch: overflow ? (seconds < 0 ? .max : .min) : difference)
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
        // The default lifetime is the usual one, and a comparison is faster than a division of 128 bits.
        if self == FlowState.defaultLifetime { return FlowState.defaultLifetimeSeconds }
        return Int64(clamping: attoseconds / 1_000_000_000_000_000_000)
    }
}

/// RFC 3339 §5.6 in UTC, to the second: `2026-01-01T00:00:00Z`.
extension Timestamp {
    /// Reads `YYYY-MM-DDTHH:MM:SSZ`; anything else is rejected, offsets and fractions included.
    public init?(rfc3339 text: String) {
        let octets = Array(text.utf8)
        let punctuation: [(Int, UInt8)] = [
            (4, UInt8(ascii: "-")), (7, UInt8(ascii: "-")), (10, UInt8(ascii: "T")),
            (13, UInt8(ascii: ":")), (16, UInt8(ascii: ":")), (19, UInt8(ascii: "Z")),
        ]
        guard octets.count == 20, punctuation.allSatisfy({ octets[$0.0] == $0.1 }) else { return nil }
        func number(_ range: Range<Int>) -> Int64? {
            var value: Int64 = 0
            for octet in octets[range] {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(octet) else { return nil }
                value = value * 10 + Int64(octet - UInt8(ascii: "0"))
            }
            return value
        }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19),
            hour < 24, minute < 60, second < 60
        else { return nil }
        guard let date = CivilDate(year: year, month: month, day: day) else { return nil }
        self.init(secondsSinceEpoch: date.daysSinceEpoch * 86_400 + hour * 3600 + minute * 60 + second)
    }

    /// The time as `YYYY-MM-DDTHH:MM:SSZ`, for years 0 to 9999.
    public var rfc3339: String { text(milliseconds: nil) }

    /// The same with what is beyond the second, 0 to 999 milliseconds: `YYYY-MM-DDTHH:MM:SS.mmmZ`.
    package func rfc3339(milliseconds: Int64) -> String { text(milliseconds: milliseconds) }

    private func text(milliseconds: Int64?) -> String {
        // Rounded down, and without a step that could overflow: a row may hold any number.
        var (days, second) = secondsSinceEpoch.quotientAndRemainder(dividingBy: 86_400)
        if second < 0 {
            days -= 1
            second += 86_400
        }
        let date = CivilDate(daysSinceEpoch: days)
        let isUsual = (0...9999).contains(date.year)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        if !isUsual { text.append(contentsOf: String(date.year).utf8) }
        text.append(addingCapacity: 24) { output in
            if isUsual {
                Self.appendDigits(date.year / 100, to: &output)
                Self.appendDigits(date.year % 100, to: &output)
            }
            Self.appendDigits(date.month, after: UInt8(ascii: "-"), to: &output)
            Self.appendDigits(date.day, after: UInt8(ascii: "-"), to: &output)
            Self.appendDigits(second / 3600, after: UInt8(ascii: "T"), to: &output)
            Self.appendDigits(second / 60 % 60, after: UInt8(ascii: ":"), to: &output)
            Self.appendDigits(second % 60, after: UInt8(ascii: ":"), to: &output)
            if let milliseconds {
                output.append(UInt8(ascii: "."))
                output.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: milliseconds / 100 % 10))
                Self.appendDigits(milliseconds % 100, to: &output)
            }
            output.append(UInt8(ascii: "Z"))
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// A number below 100, in two digits.
    private static func appendDigits(
        _ value: Int64, after mark: UInt8? = nil, to output: inout OutputSpan<UInt8>
    ) {
        if let mark { output.append(mark) }
        output.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value / 10))
        output.append(UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: value % 10))
    }
}
