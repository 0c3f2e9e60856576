/// What the callback of confirm mode hands to the app's redirect URI: a flow, and the code that came back for it.
///
/// The wire format is on the page <doc:TicketFormat>.
package struct Ticket: Sendable, Equatable {
    /// How long a ticket is good for: a redirect and a request, with room for a slow network.
    package static let lifetime: Duration = .seconds(120)

    package var issuedAt: Timestamp
    /// The flow's state token, as it came with the callback.
    package var stateText: String
    /// The authorization code; not empty.
    package var code: String
    /// The callback's fields that the integration keeps, by name.
    package var fields: [String: String]
    /// The scopes granted, where the provider names them in the callback.
    package var scopes: [String]?

    package init(
        issuedAt: Timestamp, stateText: String, code: String, fields: [String: String] = [:],
        scopes: [String]? = nil
    ) {
        self.issuedAt = issuedAt
        self.stateText = stateText
        self.code = code
        self.fields = fields
        self.scopes = scopes
    }

    /// The first moment at which it is no longer valid.
    package var expiresAt: Timestamp { issuedAt + Self.lifetime }
}

/// A code is in here: printing or reflecting it shows nothing.
extension Ticket: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "(ticket)" }
    package var debugDescription: String { "(ticket)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// A ticket that was authentic, with the state that it carries, which was as well: only
/// ``TicketCodec/verify(_:as:at:)`` makes one.
package struct VerifiedTicket: Sendable {
    package let ticket: Ticket
    package let state: VerifiedState

    init(ticket: Ticket, state: VerifiedState) {
        self.ticket = ticket
        self.state = state
    }
}

/// Why a ticket was not accepted.
package enum TicketError: Error, Equatable {
    /// The ticket did not open, or its key or its state's is disabled.
    case unopened(OpenError)
    /// Authentic, but its record is of another version than this code reads.
    case unreadable
    /// Authentic, but issued later than now, by more than clocks may differ.
    case notYetValid
    /// Authentic, but past its lifetime.
    case expired

    /// The name for logs and metrics.
    package var name: String {
        switch self {
        case .unopened(let error): error.name
        case .unreadable: "unreadable"
        case .notYetValid: "not_yet_valid"
        case .expired: "expired"
        }
    }
}
