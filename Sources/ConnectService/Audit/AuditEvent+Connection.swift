package import Connections

extension AuditEvent {
    /// Something done with a connection.
    package init(_ kind: Kind, of connection: Connection, _ outcome: Outcome) {
        self.init(kind, outcome)
        connectionID = connection.id
        workspaceID = connection.workspaceID
        userID = connection.userID
        integrationID = connection.integrationID
    }
}

extension AccessTokenError {
    /// The name for the audit log and metrics.
    package var auditReason: String {
        switch self {
        case .notFound: "connection_not_found"
        case .grantNotFound: "grant_not_found"
        case .reconnectRequired: "reconnect_required"
        case .inactive: "connection_inactive"
        case .providerError: "provider_error"
        case .tooEarly: "too_early"
        case .notConfigured: "integration_not_configured"
        case .providerTimeout: "provider_timeout"
        case .busy: "busy"
        case .storeUnavailable: "store_unavailable"
        case .unreadable: "connection_unreadable"
        case .sealed: "credentials_unreadable"
        case .failed: "internal_error"
        }
    }
}
