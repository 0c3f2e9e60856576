package import StateTokens

/// One user's grant at one integration, without its credentials.
package struct Connection: Sendable, Hashable {
    /// The only type there is so far.
    package static let integrationType = "connectors"

    package let id: ConnectionID
    package let workspaceID: String
    package let userID: String?
    package let integrationID: String
    package let integrationType: String
    package let authMethodID: String
    package let label: String
    package let status: ConnectionStatus
    package let statusReason: String?
    package let scopesRequested: [String]
    package let scopesGranted: [String]
    /// Template parameters, and the fields of the token response that the integration keeps.
    package let config: [String: String]
    package let account: ProviderAccount?
    package let binding: FlowBinding
    package let flowID: FlowID
    /// Grows by one with every change; an update says which one it saw.
    package let revision: Int64
    /// The `revision` at which the grant's credentials last changed; a refresh says which ones it is about to
    /// replace.
    package let credentialsRevision: Int64
    package let createdAt: Timestamp
    package let updatedAt: Timestamp
    package let expiresAt: Timestamp?
    package let lastRefreshedAt: Timestamp?

    package init(
        id: ConnectionID, workspaceID: String, userID: String?, integrationID: String,
        integrationType: String = Connection.integrationType, authMethodID: String, label: String,
        status: ConnectionStatus, statusReason: String?, scopesRequested: [String], scopesGranted: [String],
        config: [String: String], account: ProviderAccount?, binding: FlowBinding, flowID: FlowID,
        revision: Int64, credentialsRevision: Int64, createdAt: Timestamp, updatedAt: Timestamp,
        expiresAt: Timestamp?, lastRefreshedAt: Timestamp?
    ) {
        self.id = id
        self.workspaceID = workspaceID
        self.userID = userID
        self.integrationID = integrationID
        self.integrationType = integrationType
        self.authMethodID = authMethodID
        self.label = label
        self.status = status
        self.statusReason = statusReason
        self.scopesRequested = scopesRequested
        self.scopesGranted = scopesGranted
        self.config = config
        self.account = account
        self.binding = binding
        self.flowID = flowID
        self.revision = revision
        self.credentialsRevision = credentialsRevision
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.expiresAt = expiresAt
        self.lastRefreshedAt = lastRefreshedAt
    }
}
