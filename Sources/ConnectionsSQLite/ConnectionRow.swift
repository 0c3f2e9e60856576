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

    private let id: String
    private let workspaceID: String
    private let userID: String?
    private let integrationID: String
    private let integrationType: String
    private let authMethodID: String
    private let label: String
    private let status: String
    private let statusReason: String?
    private let scopesRequested: [String]
    private let scopesGranted: [String]
    private let config: [String: String]
    private let accountID: String?
    private let accountLabel: String?
    private let binding: String
    private let flowID: Data
    private let revision: Int64
    private let credentialsRevision: Int64
    private let createdAt: Int64
    private let updatedAt: Int64
    private let lastRefreshedAt: Int64?
    private let expiresAt: Int64?

    init(_ record: ConnectionRecord) {
        id = record.id.description
        workspaceID = record.workspaceID
        userID = record.userID
        integrationID = record.integrationID
        integrationType = record.integrationType
        authMethodID = record.authMethodID
        label = record.label
        status = record.status.rawValue
        statusReason = record.statusReason
        scopesRequested = record.scopesRequested
        scopesGranted = record.scopesGranted
        config = record.config
        accountID = record.account?.id
        accountLabel = record.account?.label
        binding = record.binding.rawValue
        flowID = Data(record.flowID.octets)
        revision = record.revision
        credentialsRevision = record.credentialsRevision
        createdAt = record.createdAt.millisecondsSinceEpoch
        updatedAt = record.updatedAt.millisecondsSinceEpoch
        lastRefreshedAt = record.lastRefreshedAt?.millisecondsSinceEpoch
        expiresAt = record.expiresAt?.secondsSinceEpoch
    }

    /// What the row holds; a row that no store of ours could have written is an error.
    func record() throws(StoreError) -> ConnectionRecord {
        guard let id = ConnectionID(id), let status = ConnectionStatus(rawValue: status),
            let binding = FlowBinding(rawValue: binding), let flowID = FlowID(octets: Array(flowID))
        else { throw .corrupt(reason: "a connection that makes no sense") }
        return ConnectionRecord(
            id: id, workspaceID: workspaceID, userID: userID, integrationID: integrationID,
            integrationType: integrationType, authMethodID: authMethodID, label: label, status: status,
            statusReason: statusReason, scopesRequested: scopesRequested, scopesGranted: scopesGranted,
            config: config, account: accountID.map { ProviderAccount(id: $0, label: accountLabel) },
            binding: binding, flowID: flowID, revision: revision, credentialsRevision: credentialsRevision,
            createdAt: DatabaseTime(millisecondsSinceEpoch: createdAt),
            updatedAt: DatabaseTime(millisecondsSinceEpoch: updatedAt),
            lastRefreshedAt: lastRefreshedAt.map { DatabaseTime(millisecondsSinceEpoch: $0) },
            expiresAt: expiresAt.map { Timestamp(secondsSinceEpoch: $0) })
    }
}
