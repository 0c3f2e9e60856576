package import StateTokens

/// What a user granted, and how: all that a renewal replaces, but for the credentials.
package struct GrantTerms: Sendable, Hashable {
    package let authMethodID: String
    package let scopesRequested: [String]
    package internal(set) var scopesGranted: [String]
    /// Template parameters, and the fields of the token response that the integration keeps.
    package internal(set) var config: [String: String]
    package internal(set) var account: ProviderAccount?
    package internal(set) var binding: FlowBinding
    package let flowID: FlowID
    package internal(set) var expiresAt: Timestamp?
    package internal(set) var facts: GrantFacts
    /// `false`: the grant came with a renewal whose account could not be compared with the one before.
    package let isAccountCompared: Bool

    package init(
        authMethodID: String, scopesRequested: [String], scopesGranted: [String], config: [String: String],
        account: ProviderAccount?, binding: FlowBinding, flowID: FlowID, expiresAt: Timestamp?,
        facts: GrantFacts = GrantFacts(), isAccountCompared: Bool = true
    ) {
        self.authMethodID = authMethodID
        self.scopesRequested = scopesRequested
        self.scopesGranted = scopesGranted
        self.config = config
        self.account = account
        self.binding = binding
        self.flowID = flowID
        self.expiresAt = expiresAt
        self.facts = facts
        self.isAccountCompared = isAccountCompared
    }
}
