#if PostgreSQL
import Connections
import ConnectionsTesting
import StateTokens
import TestSupport
import Testing

@testable import ConnectionsPostgreSQL

@Suite("PostgreSQL query plans") struct PlanTests {
    private let harness: PostgreSQLHarness

    /// 20,000 rows, of which one in a hundred is due.
    init() async throws {
        harness = try await PostgreSQLHarness()
        try await harness.store.ping()
        try await harness.tamper(
            """
            INSERT INTO connections (id, workspace_id, user_id, integration_id, integration_type, auth_method_id,
                label, status, scopes_requested, scopes_granted, config, binding, flow_id, revision,
                credentials_revision, created_at_ms, updated_at_ms, expires_at_s, sweep_at_ms, reauthorize_by_s)
            SELECT 'conn_' || n, 'w' || n % 2, 'u' || n, 'i' || n % 50, 'connectors', 'oauth2', 'x', 'active', '[]', '[]',
                '{}', 'direct', decode(repeat('00', 16), 'hex'), 1, 1, n, n, n,
                CASE WHEN n % 100 = 0 THEN n ELSE 9000000000000 + n END, n
            FROM generate_series(1, 20000) AS n;
            """)
        try await harness.tamper("ANALYZE connections")
    }

    private func plan(_ sql: String) async throws -> String {
        try await harness.tamper("EXPLAIN \(sql)")
    }

    @Test func `the sweep finds what is due by an index, in order, and sorts nothing`() async throws {
        let sql = PostgreSQLTransaction.due.replacing("$1", with: "1000000").replacing("$2", with: "64")
        let plan = try await plan(sql)
        #expect(plan.contains("Index Scan using connections_by_sweep"), "\(plan)")
        #expect(!plan.contains("Sort") && !plan.contains("Seq Scan"), "\(plan)")
    }

    @Test func `a list is read by an index`() async throws {
        let time = Timestamp(secondsSinceEpoch: 20)
        for (query, index) in [
            (ConnectionQuery(workspaceID: "w1"), "connections_by_creation"),
            (ConnectionQuery(workspaceID: "w1", userID: "u1"), "connections_by_user"),
            (ConnectionQuery(workspaceID: "w1", integrationID: "i1"), "connections_by_integration"),
            (ConnectionQuery(workspaceID: "w1", expiresBefore: time), "connections_by_expiry"),
            (ConnectionQuery(workspaceID: "w1", reauthorizeBefore: time), "connections_by_reauthorization"),
        ] {
            let statement = ListStatement(query, after: nil, skip: 0, limit: 10, in: .postgreSQL)
            var sql = "SELECT id FROM connections \(statement.sql)"
            for (number, value) in statement.values.enumerated().reversed() {
                let text =
                    switch value {
                    case .text(let text): "'\(text)'"
                    case .integer(let integer): "\(integer)"
                    case .null, .octets, .other: "NULL"
                    }
                sql = sql.replacing("$\(number + 1)", with: text)
            }
            let plan = try await plan(sql)
            #expect(plan.contains(index), "\(plan)")
            #expect(!plan.contains("Seq Scan"), "\(plan)")
        }
    }
}
#endif
