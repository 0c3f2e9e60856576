package import StateTokens

extension Timestamp {
    /// The last second of the year 9999, the greatest time that RFC 3339 can write.
    static let latest = Timestamp(secondsSinceEpoch: 253_402_300_799)

    /// Reads a date as token endpoints write it: RFC 3339 or RFC 1123.
    ///
    /// A fraction of a second is dropped. A date without a zone is UTC, a date without a time is midnight.
    package init?(providerTime text: String) {
        let text = text.trimmed
        guard text.utf8.count <= 64 else { return nil }
        guard let time = Timestamp(internetDate: text) ?? Timestamp(mailDate: text) else { return nil }
        self = time
    }

    /// Reads a `date-time` of RFC 3339 §5.6, whole and in any zone: `2026-05-28T20:26:40.123Z`, as JavaScript writes it.
    ///
    /// A fraction of a second is dropped.
    package init?(dateTime text: String) {
        let octets = Array(text.utf8)
        guard (20...40).contains(octets.count), octets[10] == UInt8(ascii: "T"),
            octets[16] == UInt8(ascii: ":"),
            octets.last == UInt8(ascii: "Z") || octets[octets.count - 3] == UInt8(ascii: ":")
        else { return nil }
        self.init(internetDate: text)
    }

    /// RFC 3339 §5.6, with what is left out or spelled otherwise in practice: `2026-05-28 20:26:40`,
    /// `2026-05-28T20:26:40.123+0200`, `2026-05-28`.
    private init?(internetDate text: String) {
        var rest = Array(text.utf8)[...]
        guard let year = rest.number(digits: 4), rest.take("-"), let month = rest.number(digits: 2),
            rest.take("-"), let day = rest.number(digits: 2)
        else { return nil }
        guard !rest.isEmpty else {
            self.init(year: year, month: month, day: day, hour: 0, minute: 0, second: 0, offset: 0)
            return
        }
        guard rest.take("T") || rest.take("t") || rest.take(" "), let time = rest.timeOfDay() else {
            return nil
        }
        rest = rest.drop { $0 == UInt8(ascii: " ") }
        guard let offset = Self.offset(rest) else { return nil }
        self.init(
            year: year, month: month, day: day, hour: time.hour, minute: time.minute, second: time.second,
            offset: offset)
    }

    /// RFC 1123 §5.2.14: `Thu, 28 May 2026 20:26:40 GMT`. The day of the week is not compared with the date.
    private init?(mailDate text: String) {
        var words = text.utf8.split(separator: UInt8(ascii: " ")).map { Array($0)[...] }
        if let first = words.first, first.last == UInt8(ascii: ",") { words.removeFirst() }
        guard (4...5).contains(words.count), let day = words[0].number(digits: words[0].count),
            let month = Self.month(words[1]), let year = words[2].number(digits: 4), words[2].isEmpty,
            let time = words[3].timeOfDay(), words[3].isEmpty,
            let offset = words.count == 5 ? Self.offset(words[4]) : 0
        else { return nil }
        self.init(
            year: year, month: month, day: day, hour: time.hour, minute: time.minute, second: time.second,
            offset: offset)
    }

    /// A leap second counts as the second before it.
    private init?(
        year: Int64, month: Int64, day: Int64, hour: Int64, minute: Int64, second: Int64, offset: Int64
    ) {
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        let date = [padded(year, 4), padded(month, 2), padded(day, 2)].joined(separator: "-")
        let time = [hour, minute, min(second, 59)].map { padded($0, 2) }.joined(separator: ":")
        guard second <= 60, let local = Timestamp(rfc3339: "\(date)T\(time)Z") else { return nil }
        self = local + .seconds(-offset)
    }

    private static func month(_ name: ArraySlice<UInt8>) -> Int64? {
        let names = [
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ]
        let name = String(decoding: name, as: UTF8.self).lowercased()
        return names.firstIndex(of: name).map { Int64($0) + 1 }
    }

    /// Seconds east of UTC: `Z`, `GMT`, `+01:00`, `-0800`, `+01`; without a zone 0.
    private static func offset(_ text: ArraySlice<UInt8>) -> Int64? {
        var rest = text
        if ["", "Z", "GMT", "UTC", "UT"].contains(String(decoding: rest, as: UTF8.self).uppercased()) {
            return 0
        }
        let isEast = rest.take("+")
        guard isEast || rest.take("-"), let hours = rest.number(digits: 2), hours < 24 else { return nil }
        _ = rest.take(":")
        let minutes = rest.isEmpty ? 0 : rest.number(digits: 2)
        guard let minutes, minutes < 60, rest.isEmpty else { return nil }
        let seconds = hours * 3_600 + minutes * 60
        return isEast ? seconds : -seconds
    }
}

extension String {
    /// Without spaces, tabs and line breaks at either end.
    var trimmed: String {
        func isSpace(_ octet: UInt8) -> Bool { octet == 0x20 || (0x09...0x0D).contains(octet) }
        let octets = Array(utf8)
        guard let first = octets.firstIndex(where: { !isSpace($0) }),
            let last = octets.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(decoding: octets[first...last], as: UTF8.self)
    }
}

extension ArraySlice<UInt8> {
    fileprivate mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard first == UInt8(ascii: character) else { return false }
        removeFirst()
        return true
    }

    /// A number of exactly so many decimal digits, nine at most.
    fileprivate mutating func number(digits: Int) -> Int64? {
        let found = prefix(digits)
        guard found.count == digits, (1...9).contains(digits),
            found.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        removeFirst(digits)
        return found.reduce(0) { $0 * 10 + Int64($1 - 0x30) }
    }

    /// `20:26:40` or `20:26:40.123`.
    fileprivate mutating func timeOfDay() -> (hour: Int64, minute: Int64, second: Int64)? {
        guard let hour = number(digits: 2), take(":"), let minute = number(digits: 2), take(":"),
            let second = number(digits: 2)
        else { return nil }
        if take(".") || take(",") {
            let fraction = prefix { (0x30...0x39).contains($0) }
            guard !fraction.isEmpty else { return nil }
            removeFirst(fraction.count)
        }
        return (hour, minute, second)
    }
}
