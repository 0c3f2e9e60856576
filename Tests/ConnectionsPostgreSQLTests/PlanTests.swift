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
                credentials_revision, created_at_ms, updated_at_ms, expires_at_s, sweep_at_ms, reauthorize_by_s,
                tags, is_expiry_final)
            SELECT 'conn_' || n, 'w' || n % 2, 'u' || n, 'i' || n % 50, 'connectors', 'oauth2',
                CASE WHEN n % 1001 = 0 THEN 'Rare' ELSE 'x' END, CASE WHEN n % 1001 = 0 THEN 'error' ELSE 'active' END,
                '[]', '[]', '{}', 'direct', decode(repeat('00', 16), 'hex'), 1, 1, n, n, n,
                CASE WHEN n % 100 = 0 THEN n ELSE 9000000000000 + n END, n,
                CASE WHEN n % 1001 = 0 THEN json_build_object('rare', 'yes') ELSE '{"team": "a"}' END, n % 2
            FROM generate_series(1, 20000) AS n;
            """)
        try await harness.tamper("ANALYZE connections; ANALYZE connection_tags")
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

    @Test func `a second connection of an account is found by the account`() async throws {
        var sql = PostgreSQLTransaction.matching
        for (number, value) in ["'i1'", "'a1'", "'u1'", "'w1'", "'\\x00'", "100"].enumerated() {
            sql = sql.replacing("$\(number + 1)", with: value)
        }
        let plan = try await plan(sql)
        #expect(plan.contains("connections_by_account"), "\(plan)")
    }

    private func written(_ sql: String, _ values: [StoredValue]) -> String {
        values.enumerated().reversed().reduce(sql) { sql, value in
            let text =
                switch value.element {
                case .text(let text): "'\(text)'"
                case .integer(let integer): "\(integer)"
                case .null, .octets, .other: "NULL"
                }
            return sql.replacing("$\(value.offset + 1)", with: text)
        }
    }

    @Test func `what ends soon is found by an index, workspace by workspace`() async throws {
        let sql = reauthorizationsToAnnounce.replacing("?1", with: "10000").replacing("?2", with: "10100")
            .replacing("?3", with: "500")
        let plan = try await plan(sql)
        #expect(plan.contains("connections_by_reauthorization"), "\(plan)")
        #expect(!plan.contains("Seq Scan"), "\(plan)")
    }

    @Test func `claims whose flow is to be told of are found by an index, and it has no others`() async throws
    {
        try await harness.tamper(
            """
            INSERT INTO claims (flow_id, codes, owner, phase, connection_id, kept_until_ms, announce_at_ms)
            SELECT decode(md5(n::text), 'hex'), decode(repeat('00', 32), 'hex'), decode(repeat('00', 16), 'hex'),
                'success', 'x', n, CASE WHEN n % 1001 = 0 THEN n END
            FROM generate_series(1, 20000) AS n;
            """)
        try await harness.tamper("ANALYZE claims")
        let plan = try await plan(abandonedFlows.replacing("?1", with: "5000").replacing("?2", with: "500"))
        #expect(plan.contains("claims_by_announcement"), "\(plan)")
        #expect(!plan.contains("Seq Scan"), "\(plan)")
        let count = try await harness.tamper(
            "SELECT reltuples::bigint FROM pg_class WHERE oid = 'claims_by_announcement'::regclass")
        #expect(count == "19")
    }

    @Test func `a purge finds by their place the rows that it has locked, and looks up none by its flow`()
        async throws
    {
        try await harness.tamper(
            """
            INSERT INTO claims (flow_id, codes, owner, phase, connection_id, kept_until_ms)
            SELECT decode(md5(n::text), 'hex'), decode(repeat('00', 32), 'hex'), decode(repeat('00', 16), 'hex'),
                'success', 'x', n
            FROM generate_series(1, 20000) AS n;
            """)
        try await harness.tamper("ANALYZE claims")
        let plan = try await plan(
            PostgreSQLTransaction.purgeClaims.replacing("$1", with: "90000000").replacing("$2", with: "200"))
        #expect(plan.contains("claims_by_kept_until") && plan.contains("Tid Scan"), "\(plan)")
        #expect(!plan.contains("claims_pkey") && !plan.contains("Seq Scan"), "\(plan)")
    }

    @Test func `a list is read by an index`() async throws {
        let time = Timestamp(secondsSinceEpoch: 20)
        let rare = ConnectionQuery.Tag(name: "rare", value: "yes")
        let often = ConnectionQuery.Tag(name: "team", value: "a")
        for (query, indexes) in [
            (ConnectionQuery(workspaceID: "w1"), ["connections_by_creation"]),
            (ConnectionQuery(workspaceID: "w1", userID: "u1"), ["connections_by_user"]),
            (ConnectionQuery(workspaceID: "w1", integrationID: "i1"), ["connections_by_integration"]),
            (ConnectionQuery(workspaceID: "w1", expiresBefore: time), ["connections_by_expiry"]),
            (ConnectionQuery(workspaceID: "w1", reauthorizeBefore: time), ["connections_by_reauthorization"]),
            (ConnectionQuery(workspaceID: "w1", label: "Rare"), ["connections_by_label"]),
            (ConnectionQuery(workspaceID: "w1", label: "none"), ["connections_by_label"]),
            (ConnectionQuery(workspaceID: "w1", status: .error), ["connections_by_status"]),
            (ConnectionQuery(workspaceID: "w1", status: .testing), ["connections_by_status"]),
            (
                ConnectionQuery(workspaceID: "w1", status: .expired, now: time),
                ["connections_by_status", "connections_by_final_expiry", "connections_pkey"]
            ),
            (
                ConnectionQuery(workspaceID: "w1", tag: rare),
                ["connection_tags_by_value", "connections_pkey"]
            ),
            (
                ConnectionQuery(workspaceID: "w1", tag: often),
                ["connection_tags_by_value", "connections_pkey"]
            ),
        ] {
            for position in [nil, RowPosition(createdAt: 15_000, id: "a")] {
                let statement = ListStatement(query, after: position, skip: 0, limit: 10, in: .postgreSQL)
                let plan = try await plan(
                    written("SELECT connections.id \(statement.sql)", statement.values))
                for index in indexes { #expect(plan.contains(index), "\(plan)") }
                #expect(!plan.contains("Seq Scan"), "\(plan)")
            }
        }
    }

    /// Where most are active or not, only an index of both is no scan.
    @Test func `the few active connections among many others are read by an index`() async throws {
        try await harness.tamper("UPDATE connections SET status = 'inactive' WHERE id <> 'conn_1'")
        try await harness.tamper("ANALYZE connections")
        let query = ConnectionQuery(workspaceID: "w1", status: .active)
        let statement = ListStatement(query, after: nil, skip: 0, limit: 10, in: .postgreSQL)
        let plan = try await plan(written("SELECT connections.id \(statement.sql)", statement.values))
        #expect(plan.contains("connections_by_status") && !plan.contains("Seq Scan"), "\(plan)")
    }

    @Test func `targets with something to send are found among what is due`() async throws {
        try await harness.tamper(
            """
            INSERT INTO webhook_messages (id, workspace_id, url, subject, type, body, created_at_ms, attempts,
                next_at_ms)
            SELECT 'msg_' || n, 'w1', 'https://example.com', 'conn_' || n, 'connection.updated', '{}', n, 0, n
            FROM generate_series(1, 20000) AS n
            """)
        try await harness.tamper("ANALYZE webhook_messages")
        let plan = try await plan(
            written(dueTargets.replacing("?", with: "$"), [.integer(10), .integer(.max)]))
        #expect(plan.contains("webhook_messages_by_next") && !plan.contains("Seq Scan"), "\(plan)")
    }
}
#endif
