package import StateTokens

/// What a refresh put in place of the old credentials (RFC 6749 §6).
package struct RefreshedGrant: Sendable, Hashable {
    package let credentials: SealedCredentials
    package let expiresAt: Timestamp?
    /// `nil` where the token endpoint said nothing: the scopes are as before.
    package let scopesGranted: [String]?
    /// `nil` leaves them as they are.
    package let facts: GrantFacts?

    package init(
        credentials: SealedCredentials, expiresAt: Timestamp?, scopesGranted: [String]? = nil,
        facts: GrantFacts? = nil
    ) {
        self.credentials = credentials
        self.expiresAt = expiresAt
        self.scopesGranted = scopesGranted
        self.facts = facts
    }
}
