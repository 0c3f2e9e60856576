internal import StateTokens

/// The `Date` of answers (RFC 9110 §6.6.1), written once a second.
struct HTTPDate {
    private var time: Timestamp
    private var text: String

    init(_ time: Timestamp) {
        self.time = time
        text = Self.text(time)
    }

    mutating func text(at now: Timestamp) -> String {
        if now != time { self = HTTPDate(now) }
        return text
    }

    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// An IMF-fixdate (RFC 9110 §5.6.7), for times since 1970: `Sun, 06 Nov 1994 08:49:37 GMT`.
    private static func text(_ time: Timestamp) -> String {
        let day = days[Int(time.secondsSinceEpoch / 86_400 % 7)]
        // `1994-11-06T08:49:37Z`
        let parts = time.rfc3339.split { "-T:Z".contains($0) }
        let month = months[(Int(parts[1]) ?? 1) - 1]
        return "\(day), \(parts[2]) \(month) \(parts[0]) \(parts[3]):\(parts[4]):\(parts[5]) GMT"
    }
}
