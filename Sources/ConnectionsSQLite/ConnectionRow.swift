import Connections
import FoundationEssentials
import GRDB
import StateTokens

/// A connection as the table holds it; lists and maps are JSON texts.
struct ConnectionRow: Codable, FetchableRecord, PersistableRecord {
    static let databaseTableName = "connections"

    enum CodingKeys: String, CodingKey, ColumnExpression {
        case id, label, status, config, binding, revision
        case workspaceID = "workspace_id"
        case userID = "user_id"
        case integrationID = "integration_id"
        case integrationType = "integration_type"
        case authMethodID = "auth_method_id"
        case statusReason = "status_reason"
        case scopesRequested = "scopes_requested"
        case scopesGranted = "scopes_granted"
        case accountID = "account_id"
        case accountLabel = "account_label"
        case flowID = "flow_id"
        case credentialsRevision = "credentials_revision"
        case createdAt = "created_at_ms"
        case updatedAt = "updated_at_ms"
        case lastRefreshedAt = "last_refreshed_at_ms"
        case expiresAt = "expires_at_s"
    }

    let id: String
    let workspaceID: String
    let userID: String?
    let integrationID: String
    let integrationType: String
    var authMethodID: String
    var label: String
    var status: String
    var statusReason: String?
    var scopesRequested: [String]
    var scopesGranted: [String]
    var config: [String: String]
    var accountID: String?
    var accountLabel: String?
    var binding: String
    var flowID: Data
    private(set) var revision: Int64
    private(set) var credentialsRevision: Int64
    let createdAt: Int64
    private(set) var updatedAt: Int64
    var lastRefreshedAt: Int64?
    var expiresAt: Int64?

    init(_ connection: NewConnection, now: DatabaseTime) {
        id = connection.id.description
        workspaceID = connection.workspaceID
        userID = connection.userID
        integrationID = connection.integrationID
        integrationType = Connection.integrationType
        authMethodID = connection.authMethodID
        label = connection.label
        status = connection.status.rawValue
        statusReason = connection.statusReason
        scopesRequested = connection.scopesRequested
        scopesGranted = connection.scopesGranted
        config = connection.config
        accountID = connection.account?.id
        accountLabel = connection.account?.label
        binding = connection.binding.rawValue
        flowID = Data(connection.flowID.octets)
        revision = 1
        credentialsRevision = 1
        createdAt = now.millisecondsSinceEpoch
        updatedAt = now.millisecondsSinceEpoch
        expiresAt = connection.expiresAt?.secondsSinceEpoch
    }

    /// Counts a change, which the caller then writes.
    mutating func advance(now: DatabaseTime, credentialsChange: Bool = false) {
        revision += 1
        if credentialsChange { credentialsRevision = revision }
        updatedAt = now.millisecondsSinceEpoch
    }

    mutating func apply(_ renewal: ConnectionRenewal) {
        authMethodID = renewal.authMethodID
        status = ConnectionStatus.active.rawValue
        statusReason = nil
        scopesRequested = renewal.scopesRequested
        scopesGranted = renewal.scopesGranted
        config = renewal.config
        accountID = renewal.account?.id
        accountLabel = renewal.account?.label
        binding = renewal.binding.rawValue
        flowID = Data(renewal.flowID.octets)
        expiresAt = renewal.expiresAt?.secondsSinceEpoch
    }

    mutating func apply(_ changes: ConnectionChanges) {
        if let label = changes.label { self.label = label }
        if let change = changes.status {
            status = change.status.rawValue
            statusReason = change.reason
        }
        if let account = changes.account {
            accountID = account.id
            accountLabel = account.label
        }
    }
}

extension ConnectionRow {
    static func find(
        _ id: ConnectionID, workspaceID: String, in database: Database
    ) throws -> ConnectionRow? {
        try filter(CodingKeys.id == id.description && CodingKeys.workspaceID == workspaceID).fetchOne(
            database)
    }

    /// The connection that the row holds; a row that no store of ours could have written is an error.
    func connection() throws(StoreError) -> Connection {
        guard let id = ConnectionID(id), let status = ConnectionStatus(rawValue: status),
            let binding = FlowBinding(rawValue: binding), let flowID = FlowID(octets: Array(flowID))
        else { throw .corrupt(reason: "a connection that makes no sense") }
        return Connection(
            id: id, workspaceID: workspaceID, userID: userID, integrationID: integrationID,
            integrationType: integrationType, authMethodID: authMethodID, label: label, status: status,
            statusReason: statusReason, scopesRequested: scopesRequested, scopesGranted: scopesGranted,
            config: config, account: accountID.map { ProviderAccount(id: $0, label: accountLabel) },
            binding: binding, flowID: flowID, revision: revision, credentialsRevision: credentialsRevision,
            createdAt: Self.timestamp(createdAt), updatedAt: Self.timestamp(updatedAt),
            expiresAt: expiresAt.map { Timestamp(secondsSinceEpoch: $0) },
            lastRefreshedAt: lastRefreshedAt.map(Self.timestamp))
    }

    /// The place after this row.
    func cursor() throws(StoreError) -> ConnectionCursor {
        guard let id = ConnectionID(id) else { throw .corrupt(reason: "a connection without an id") }
        return ConnectionCursor(createdAt: DatabaseTime(millisecondsSinceEpoch: createdAt), id: id)
    }

    private static func timestamp(_ milliseconds: Int64) -> Timestamp {
        DatabaseTime(millisecondsSinceEpoch: milliseconds).timestamp
    }
}
