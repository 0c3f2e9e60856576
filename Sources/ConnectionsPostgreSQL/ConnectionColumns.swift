#if PostgreSQL
import Connections
import FoundationEssentials
import StateTokens

/// The columns of the table of connections, in one order for all statements.
enum ConnectionColumns {
    private static let names = [
        "id", "workspace_id", "user_id", "integration_id", "integration_type", "auth_method_id", "label",
        "status", "status_reason", "scopes_requested", "scopes_granted", "config", "account_id",
        "account_label", "binding", "flow_id", "revision", "credentials_revision", "created_at_ms",
        "updated_at_ms", "last_refreshed_at_ms", "expires_at_s",
    ]

    static let list = names.joined(separator: ", ")
    static let qualifiedList = names.map { "connections.\($0)" }.joined(separator: ", ")
    static let placeholders = (1...names.count).map { "$\($0)" }.joined(separator: ", ")
    /// All that may change; the id is `$1`.
    static let assignments = zip(names, 1...).dropFirst().map { "\($0) = $\($1)" }.joined(separator: ", ")

    static func parameters(of record: ConnectionRecord) throws(StoreError) -> [Parameter] {
        [
            .text(record.id.description), .text(record.workspaceID), .optional(record.userID),
            .text(record.integrationID), .text(record.integrationType), .text(record.authMethodID),
            .text(record.label), .text(record.status.rawValue), .optional(record.statusReason),
            .octets(try encode(record.scopesRequested)), .octets(try encode(record.scopesGranted)),
            .octets(try encode(record.config)), .optional(record.account?.id),
            .optional(record.account?.label),
            .text(record.binding.rawValue), .octets(record.flowID.octets), .integer(record.revision),
            .integer(record.credentialsRevision), .integer(record.createdAt.millisecondsSinceEpoch),
            .integer(record.updatedAt.millisecondsSinceEpoch),
            .optional(record.lastRefreshedAt?.millisecondsSinceEpoch),
            .optional(record.expiresAt?.secondsSinceEpoch),
        ]
    }

    static func record(_ row: inout RowReader) throws(StoreError) -> ConnectionRecord {
        let id = ConnectionID(try row.text())
        let workspaceID = try row.text()
        let userID = try row.optionalText()
        let integrationID = try row.text()
        let integrationType = try row.text()
        let authMethodID = try row.text()
        let label = try row.text()
        let status = ConnectionStatus(rawValue: try row.text())
        let statusReason = try row.optionalText()
        let scopesRequested = try decode([String].self, try row.octets())
        let scopesGranted = try decode([String].self, try row.octets())
        let config = try decode([String: String].self, try row.octets())
        let accountID = try row.optionalText()
        let accountLabel = try row.optionalText()
        let binding = FlowBinding(rawValue: try row.text())
        let flowID = FlowID(octets: try row.octets())
        guard let id, let status, let binding, let flowID else {
            throw .corrupt(reason: "a connection that makes no sense")
        }
        return ConnectionRecord(
            id: id, workspaceID: workspaceID, userID: userID, integrationID: integrationID,
            integrationType: integrationType, authMethodID: authMethodID, label: label, status: status,
            statusReason: statusReason, scopesRequested: scopesRequested, scopesGranted: scopesGranted,
            config: config, account: accountID.map { ProviderAccount(id: $0, label: accountLabel) },
            binding: binding, flowID: flowID, revision: try row.integer(),
            credentialsRevision: try row.integer(),
            createdAt: DatabaseTime(millisecondsSinceEpoch: try row.integer()),
            updatedAt: DatabaseTime(millisecondsSinceEpoch: try row.integer()),
            lastRefreshedAt: try row.optionalInteger().map { DatabaseTime(millisecondsSinceEpoch: $0) },
            expiresAt: try row.optionalInteger().map { Timestamp(secondsSinceEpoch: $0) })
    }

    private static func encode(_ value: some Encodable) throws(StoreError) -> [UInt8] {
        do {
            return Array(try JSONEncoder().encode(value))
        } catch {
            throw .corrupt(reason: "a value that JSON cannot say")
        }
    }

    private static func decode<Value: Decodable>(
        _ type: Value.Type, _ octets: [UInt8]
    ) throws(StoreError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(octets))
        } catch {
            throw .corrupt(reason: "a column does not hold what it should")
        }
    }
}
#endif
