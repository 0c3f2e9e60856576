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
        let days = Self.days(year: year, month: month, day: day)
        self.init(secondsSinceEpoch: days * 86_400 + hour * 3600 + minute * 60 + second)
        // A day that the month does not have, such as 31 February, comes back as another day.
        guard rfc3339 == text else { return nil }
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
        let (year, month, day) = Self.date(days: days)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        func append(_ value: Int64, _ width: Int, after mark: UInt8? = nil) {
            if let mark { text.append(mark) }
            var power = Self.powers[width - 1]
            guard 0..<power * 10 ~= value else { return text.append(contentsOf: String(value).utf8) }
            while power > 0 {
                text.append(UInt8(ascii: "0") + UInt8(value / power % 10))
                power /= 10
            }
        }
        append(year, 4)
        append(month, 2, after: UInt8(ascii: "-"))
        append(day, 2, after: UInt8(ascii: "-"))
        append(second / 3600, 2, after: UInt8(ascii: "T"))
        append(second / 60 % 60, 2, after: UInt8(ascii: ":"))
        append(second % 60, 2, after: UInt8(ascii: ":"))
        if let milliseconds { append(milliseconds, 3, after: UInt8(ascii: ".")) }
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    private static var powers: InlineArray<4, Int64> { [1, 10, 100, 1000] }

    // The proleptic Gregorian calendar, with years that begin in March and eras of 400 years, so that a leap day is
    // the last of its year.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
