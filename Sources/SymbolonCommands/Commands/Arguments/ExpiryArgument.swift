import ArgumentParser
import StateTokens

/// When something ends: so long from now (`90d`), or at a time (`2027-01-01T00:00:00Z`).
enum ExpiryArgument: ExpressibleByArgument {
    /// The furthest that an end may lie ahead: a hundred years.
    static let furthest = Duration.seconds(36_500 * 86_400)

    case after(Duration)
    case at(Timestamp)

    init?(argument: String) {
        if let duration = DurationArgument(argument: argument) {
            self = .after(duration.duration)
        } else if let time = Timestamp(rfc3339: argument) {
            self = .at(time)
        } else {
            return nil
        }
    }

    /// - Returns: `nil` unless it lies ahead, and not further than anybody means.
    func timestamp(from now: Timestamp) -> Timestamp? {
        switch self {
        case .after(let duration):
            guard duration > .zero, duration <= Self.furthest else { return nil }
            return now + duration
        case .at(let time):
            guard time > now, time <= now + Self.furthest else { return nil }
            return time
        }
    }
}
