package import StateTokens

/// A connection about to be inserted; its revision and times are the store's to set.
package struct NewConnection: Sendable, Hashable {
    package let id: ConnectionID
    package let workspaceID: String
    package let userID: String?
    package let integrationID: String
    package let authMethodID: String
    package let label: String
    package let status: ConnectionStatus
    package let statusReason: String?
    package let scopesRequested: [String]
    package let scopesGranted: [String]
    package let config: [String: String]
    package let account: ProviderAccount?
    package let binding: FlowBinding
    package let flowID: FlowID
    package let expiresAt: Timestamp?

    package init(
        id: ConnectionID, workspaceID: String, userID: String?, integrationID: String, authMethodID: String,
        label: String, status: ConnectionStatus = .active, statusReason: String? = nil,
        scopesRequested: [String], scopesGranted: [String], config: [String: String],
        account: ProviderAccount?, binding: FlowBinding, flowID: FlowID, expiresAt: Timestamp?
    ) {
        self.id = id
        self.workspaceID = workspaceID
        self.userID = userID
        self.integrationID = integrationID
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
        self.expiresAt = expiresAt
    }
}
