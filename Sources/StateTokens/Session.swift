/// What a connect session lets one user's browser do, and nothing else: what its token carries.
///
/// The wire format is on the page <doc:SessionFormat>.
package struct Session: Sendable, Equatable {
    /// The lifetime of a session unless it says otherwise.
    package static let defaultLifetime = Keyring.defaultSessionLifetime
    /// The longest that any session lives.
    package static let maximumLifetime = Keyring.longestSessionLifetime

    /// The credential that made it, and that it never outlives.
    package enum Maker: Sendable, Equatable {
        /// - Parameter id: what is not secret of the key.
        case apiKey(id: String)
        /// A JSON Web Token, which is over when its session is.
        ///
        /// - Parameter id: the token's, fit for logs.
        case token(id: String)

        package var id: String {
            switch self {
            case .apiKey(let id), .token(let id): id
            }
        }
    }

    package var issuedAt: Timestamp
    /// Whole seconds, from 1 to 86,400.
    package var lifetime: Duration
    package var maker: Maker
    package var workspaceID: String
    package var userID: String
    /// The user's name, as people are shown it.
    package var userLabel: String?
    /// The integrations that it may connect; none: all.
    package var integrationIDs: [String]
    /// The scopes that it may ask for at most; none: no limit.
    package var scopes: [String]
    /// Template parameters that its flows cannot change.
    package var parameters: [String: String]
    /// Where its flows end; `nil`: on our own page.
    package var redirectURI: String?
    package var tags: [String: String]
    /// The label of the connections that it makes.
    package var label: String?
    /// The connection that its flows renew.
    package var connectionID: String?
    /// The origins of pages that may use it, beside our own.
    package var origins: [String]
    /// Whether it may list and see its user's connections.
    package var mayRead: Bool
    /// Whether it may disconnect them.
    package var mayDisconnect: Bool

    package init(
        issuedAt: Timestamp, lifetime: Duration = defaultLifetime, maker: Maker, workspaceID: String,
        userID: String, userLabel: String? = nil, integrationIDs: [String] = [], scopes: [String] = [],
        parameters: [String: String] = [:], redirectURI: String? = nil, tags: [String: String] = [:],
        label: String? = nil, connectionID: String? = nil, origins: [String] = [], mayRead: Bool = false,
        mayDisconnect: Bool = false
    ) {
        self.issuedAt = issuedAt
        self.lifetime = lifetime
        self.maker = maker
        self.workspaceID = workspaceID
        self.userID = userID
        self.userLabel = userLabel
        self.integrationIDs = integrationIDs
        self.scopes = scopes
        self.parameters = parameters
        self.redirectURI = redirectURI
        self.tags = tags
        self.label = label
        self.connectionID = connectionID
        self.origins = origins
        self.mayRead = mayRead
        self.mayDisconnect = mayDisconnect
    }

    /// The first moment at which it is over.
    package var expiresAt: Timestamp { issuedAt + lifetime }
}

/// Why a session's token was not accepted.
package enum SessionError: Error, Equatable {
    /// The token did not open.
    case unopened(OpenError)
    /// Authentic, but its record is of another version than this code reads.
    case unreadable
    /// Authentic, but issued later than now, by more than clocks may differ.
    case notYetValid
    /// Authentic, but past its lifetime.
    case expired(Session)
}
