package import Connections
package import StateTokens

/// What happened, who did it and how it ended: one line of the audit log. No field ever holds a secret.
package struct AuditEvent: Sendable, Equatable {
    /// What was done or asked for.
    package enum Kind: String, Sendable, CaseIterable {
        /// A flow was begun, or not.
        case initiate
        /// An app made a connect session for a user, or did not.
        case session
        /// A provider sent a user back.
        case callback
        /// An app's server completed a flow in confirm mode, or did not.
        case complete
        /// A user answered on our page, or something posted as if one had.
        case confirm
        /// A code was sent to a token endpoint.
        case exchange
        /// A refresh token was sent to a token endpoint.
        case refresh
        /// Credentials were handed out.
        case credentials
        /// A grant of another service was taken over.
        case imported = "import"
        /// What a connection says of itself was changed.
        case update
        /// A connection was deleted.
        case disconnect
        /// A revocation of many grants was begun, or one of its grants was revoked, or was not.
        case revoke
        /// A request came without a credential that permits it.
        case access
    }

    package enum Outcome: String, Sendable, CaseIterable {
        case success
        /// Rejected: caller, user or provider error. Nothing was done.
        case refused
        /// It should have worked and did not.
        case failed
        /// Not over yet: the same will be asked again.
        case pending
    }

    package let kind: Kind
    package let outcome: Outcome
    /// Why, in a word of ours out of a closed set.
    package var reason: String?
    /// Why, in words that may change: a provider's own code or sentence, cleaned.
    package var detail: String?
    package var credentialID: String?
    /// What the holder of the credential says that the request is for.
    package var context: String?
    package var userID: String?
    package var workspaceID: String?
    package var integrationID: String?
    package var flowID: FlowID?
    /// The trace that it is part of, if that is recorded.
    package var traceID: TraceID?
    /// The request that caused it.
    package var requestID: RequestIdentifier?
    package var connectionID: ConnectionID?
    /// The key that a refused state names.
    package var keyID: KeyID?
    package var binding: FlowBinding?
    /// Whether the provider confirmed a revocation.
    package var isRevoked: Bool?
    /// The address that the request came from.
    package var address: String?
    package var duration: Duration?

    package init(_ kind: Kind, _ outcome: Outcome, reason: String? = nil) {
        self.kind = kind
        self.outcome = outcome
        self.reason = reason
    }
}
