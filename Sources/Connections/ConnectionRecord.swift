package import StateTokens

/// A connection as a store's row holds it, and the rules by which it changes; every store moves it by these.
package struct ConnectionRecord: Sendable, Hashable {
    package let id: ConnectionID
    package let workspaceID: String
    package let userID: String?
    package let integrationID: String
    package let integrationType: String
    package private(set) var authMethodID: String
    package private(set) var label: String
    package private(set) var status: ConnectionStatus
    package private(set) var statusReason: String?
    package private(set) var scopesRequested: [String]
    package private(set) var scopesGranted: [String]
    package private(set) var config: [String: String]
    package private(set) var account: ProviderAccount?
    package private(set) var binding: FlowBinding
    package private(set) var flowID: FlowID
    package private(set) var revision: Int64
    package private(set) var credentialsRevision: Int64
    package let createdAt: DatabaseTime
    package private(set) var updatedAt: DatabaseTime
    package private(set) var lastRefreshedAt: DatabaseTime?
    package private(set) var expiresAt: Timestamp?

    /// A row as it was read.
    package init(
        id: ConnectionID, workspaceID: String, userID: String?, integrationID: String,
        integrationType: String, authMethodID: String, label: String, status: ConnectionStatus,
        statusReason: String?, scopesRequested: [String], scopesGranted: [String], config: [String: String],
        account: ProviderAccount?, binding: FlowBinding, flowID: FlowID, revision: Int64,
        credentialsRevision: Int64, createdAt: DatabaseTime, updatedAt: DatabaseTime,
        lastRefreshedAt: DatabaseTime?, expiresAt: Timestamp?
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
        self.lastRefreshedAt = lastRefreshedAt
        self.expiresAt = expiresAt
    }

    init(_ connection: NewConnection, now: DatabaseTime) {
        self.init(
            id: connection.id, workspaceID: connection.workspaceID, userID: connection.userID,
            integrationID: connection.integrationID, integrationType: Connection.integrationType,
            authMethodID: connection.authMethodID, label: connection.label, status: connection.status,
            statusReason: connection.statusReason, scopesRequested: connection.scopesRequested,
            scopesGranted: connection.scopesGranted, config: connection.config, account: connection.account,
            binding: connection.binding, flowID: connection.flowID, revision: 1, credentialsRevision: 1,
            createdAt: now, updatedAt: now, lastRefreshedAt: nil, expiresAt: connection.expiresAt)
    }

    package var connection: Connection {
        Connection(
            id: id, workspaceID: workspaceID, userID: userID, integrationID: integrationID,
            integrationType: integrationType, authMethodID: authMethodID, label: label, status: status,
            statusReason: statusReason, scopesRequested: scopesRequested, scopesGranted: scopesGranted,
            config: config, account: account, binding: binding, flowID: flowID, revision: revision,
            credentialsRevision: credentialsRevision, createdAt: createdAt.timestamp,
            updatedAt: updatedAt.timestamp, expiresAt: expiresAt,
            lastRefreshedAt: lastRefreshedAt?.timestamp)
    }

    /// The place after this row.
    var cursor: ConnectionCursor { ConnectionCursor(createdAt: createdAt, id: id) }
}

extension ConnectionRecord {
    mutating func renew(_ renewal: ConnectionRenewal, now: DatabaseTime) {
        authMethodID = renewal.authMethodID
        status = .active
        statusReason = nil
        scopesRequested = renewal.scopesRequested
        scopesGranted = renewal.scopesGranted
        config = renewal.config
        account = renewal.account
        binding = renewal.binding
        flowID = renewal.flowID
        expiresAt = renewal.expiresAt
        advance(now: now, credentialsChange: true)
    }

    mutating func apply(_ changes: ConnectionChanges, now: DatabaseTime) {
        if let label = changes.label { self.label = label }
        if let change = changes.status {
            status = change.status
            statusReason = change.reason
        }
        if let account = changes.account { self.account = account }
        advance(now: now)
    }

    mutating func refresh(_ grant: RefreshedGrant, now: DatabaseTime) {
        settle(ConnectionChanges.Status(.active))
        expiresAt = grant.expiresAt
        lastRefreshedAt = now
        if let scopesGranted = grant.scopesGranted { self.scopesGranted = scopesGranted }
        advance(now: now, credentialsChange: true)
    }

    mutating func failRefresh(_ outcome: ConnectionChanges.Status, now: DatabaseTime) {
        settle(outcome)
        advance(now: now)
    }

    /// Gives the row the status that a refresh led to, unless a person set another one.
    private mutating func settle(_ outcome: ConnectionChanges.Status) {
        let next = status.afterRefresh(outcome.status)
        guard next == outcome.status else { return }
        status = next
        statusReason = outcome.reason
    }

    private mutating func advance(now: DatabaseTime, credentialsChange: Bool = false) {
        revision += 1
        if credentialsChange { credentialsRevision = revision }
        updatedAt = now
    }
}
