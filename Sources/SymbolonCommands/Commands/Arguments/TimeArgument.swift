import ArgumentParser
import StateTokens

/// When something begins: at once (`now`), so long from now (`15m`), or at a time (`2027-01-01T00:00:00Z`).
enum TimeArgument: ExpressibleByArgument {
    case now
    case after(Duration)
    case at(Timestamp)

    init?(argument: String) {
        if argument == "now" {
            self = .now
        } else if let duration = DurationArgument(argument: argument), duration.seconds <= Self.furthest {
            self = .after(duration.duration)
        } else if let time = Timestamp(rfc3339: argument) {
            self = .at(time)
        } else {
            return nil
        }
    }

    /// A hundred years.
    private static let furthest: Int64 = 36_500 * 86_400

    func timestamp(from now: Timestamp) -> Timestamp {
        switch self {
        case .now: now
        case .after(let duration): now + duration
        case .at(let time): time
        }
    }
}
