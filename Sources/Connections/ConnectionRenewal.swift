package import StateTokens

/// What a flow that renews a connection puts in place of the old grant.
///
/// The connection keeps its id, user and label, and is active again.
package struct ConnectionRenewal: Sendable, Hashable {
    package let id: ConnectionID
    package let workspaceID: String
    /// The revision that was read when the account was compared: a renewal must not overwrite what it never
    /// saw.
    package let ifRevision: Int64
    package let authMethodID: String
    package let scopesRequested: [String]
    package let scopesGranted: [String]
    package let config: [String: String]
    package let account: ProviderAccount?
    package let binding: FlowBinding
    package let flowID: FlowID
    package let expiresAt: Timestamp?

    package init(
        id: ConnectionID, workspaceID: String, ifRevision: Int64, authMethodID: String,
        scopesRequested: [String], scopesGranted: [String], config: [String: String],
        account: ProviderAccount?, binding: FlowBinding, flowID: FlowID, expiresAt: Timestamp?
    ) {
        self.id = id
        self.workspaceID = workspaceID
        self.ifRevision = ifRevision
        self.authMethodID = authMethodID
        self.scopesRequested = scopesRequested
        self.scopesGranted = scopesGranted
        self.config = config
        self.account = account
        self.binding = binding
        self.flowID = flowID
        self.expiresAt = expiresAt
    }
}
