package import StateTokens

/// What a refresh put in place of the old credentials (RFC 6749 §6).
package struct RefreshedGrant: Sendable, Hashable {
    /// What was refreshed.
    package enum Change: Sendable, Hashable {
        /// The grant that the connection stands for.
        case first
        /// Its second grant; status and expiry are the first one's, and stay.
        case second
        /// The provider no longer accepts the second grant's refresh token. It is announced as a failed refresh.
        case secondEnded
    }

    package let credentials: SealedCredentials
    package let expiresAt: Timestamp?
    /// `nil` where the token endpoint said nothing: the scopes are as before.
    package let scopesGranted: [String]?
    /// `nil` leaves them as they are.
    package let facts: GrantFacts?
    package let change: Change
    /// Whether refreshing moves the grant's end (``GrantFacts/reauthorizeBy``); `nil` if that is not known.
    package let movesEnd: Bool?

    package init(
        credentials: SealedCredentials, expiresAt: Timestamp?, scopesGranted: [String]? = nil,
        facts: GrantFacts? = nil, change: Change = .first, movesEnd: Bool? = nil
    ) {
        self.credentials = credentials
        self.expiresAt = expiresAt
        self.scopesGranted = scopesGranted
        self.facts = facts
        self.change = change
        self.movesEnd = movesEnd
    }
}
