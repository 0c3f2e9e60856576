/// Dates in HTTP fields (RFC 9110 §5.6.7).
package enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// An IMF-fixdate, for years 0 to 9999: `Sun, 06 Nov 1994 08:49:37 GMT`.
    package static func text(secondsSinceEpoch seconds: Int64) -> String {
        var (days, second) = seconds.quotientAndRemainder(dividingBy: 86_400)
        if second < 0 {
            days -= 1
            second += 86_400
        }
        let date = CivilDate(daysSinceEpoch: days)
        func padded(_ number: Int64, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        let day = Self.days[Int((days % 7 + 7) % 7)]
        let month = months[Int(date.month) - 1]
        let time = [second / 3600, second / 60 % 60, second % 60].map { padded($0, 2) }
        return
            "\(day), \(padded(date.day, 2)) \(month) \(padded(date.year, 4)) \(time.joined(separator: ":")) GMT"
    }

    /// Reads an IMF-fixdate or one of the two obsolete forms, which recipients must take, too:
    /// `Sunday, 06-Nov-94 08:49:37 GMT` and `Sun Nov  6 08:49:37 1994`. The day of the week is not compared.
    ///
    /// - Returns: seconds since 1970, or `nil` for anything else.
    package static func secondsSinceEpoch(_ text: String) -> Int64? {
        guard text.utf8.count <= 64 else { return nil }
        let words = text.split(separator: " ")
        switch words.count {
        case 6 where words[0].hasSuffix(",") && words[5] == "GMT" && words[3].utf8.count == 4:
            return seconds(day: words[1], month: words[2], year: number(words[3]), time: words[4])
        case 4 where words[0].hasSuffix(",") && words[3] == "GMT":
            let parts = words[1].split(separator: "-", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[2].utf8.count == 2, let year = number(parts[2]) else { return nil }
            // Two digits are of the years 1970 to 2069.
            return seconds(
                day: parts[0], month: parts[1], year: year < 70 ? 2000 + year : 1900 + year, time: words[2])
        case 5 where words[4].utf8.count == 4:
            return seconds(day: words[2], month: words[1], year: number(words[4]), time: words[3])
        default: return nil
        }
    }

    private static func seconds(
        day: Substring, month: Substring, year: Int64?, time: Substring
    ) -> Int64? {
        let parts = time.split(separator: ":", omittingEmptySubsequences: false)
        guard let year, let day = number(day), let month = months.firstIndex(of: String(month)),
            let date = CivilDate(year: year, month: Int64(month) + 1, day: day), parts.count == 3,
            parts.allSatisfy({ $0.utf8.count == 2 }), let hour = number(parts[0]), hour < 24,
            let minute = number(parts[1]), minute < 60, let second = number(parts[2]), second <= 60
        else { return nil }
        // A leap second counts as the second before it.
        return date.daysSinceEpoch * 86_400 + hour * 3600 + minute * 60 + min(second, 59)
    }

    /// One to four decimal digits.
    private static func number(_ text: Substring) -> Int64? {
        guard (1...4).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int64(text)
    }
}
