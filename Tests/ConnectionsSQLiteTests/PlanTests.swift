import Connections
import ConnectionsTesting
import GRDB
import StateTokens
import Synchronization
import Testing

@testable import ConnectionsSQLite

@Suite("SQLite query plans") struct PlanTests {
    private let harness: SQLiteHarness

    init() throws { harness = try SQLiteHarness() }

    private func plan(_ sql: String) async throws -> String {
        try await harness.store.read { transaction in
            try Row.fetchAll(transaction.database, sql: "EXPLAIN QUERY PLAN \(sql)").map {
                $0["detail"] as String
            }.joined(separator: "; ")
        }
    }

    @Test func `the sweep finds what is due by an index, in order, and sorts nothing`() async throws {
        let sql = SQLiteTransaction.due.replacing("?", with: "1")
        let plan = try await plan(sql)
        #expect(plan.contains("USING INDEX connections_by_sweep (sweep_at_ms<?)"), "\(plan)")
        #expect(!plan.contains("SCAN") && !plan.contains("B-TREE"), "\(plan)")
    }

    @Test func `a second connection of an account is found by the account`() async throws {
        let plan = try await plan(SQLiteTransaction.matching.replacing(/\?\d+/, with: "'1'"))
        #expect(
            plan.contains(
                "USING INDEX connections_by_account (integration_id=? AND account_id=? AND user_id=?)"),
            "\(plan)")
    }

    @Test func `what is to be looked at too late is found by an index`() async throws {
        let plan = try await plan(lateVisits.replacing(/\?\d/, with: "1"))
        #expect(plan.contains("INDEX connections_by_sweep (sweep_at_ms>?)"), "\(plan)")
        #expect(!plan.contains("SCAN") && !plan.contains("B-TREE"), "\(plan)")
    }

    @Test func `claims whose flow is to be told of are found by an index`() async throws {
        let plan = try await plan(abandonedFlows.replacing(/\?\d/, with: "1"))
        #expect(plan.contains("INDEX claims_by_announcement (announce_at_ms<?)"), "\(plan)")
        #expect(!plan.contains("SCAN") && !plan.contains("B-TREE"), "\(plan)")
    }

    private static let tag = ConnectionQuery.Tag(name: "n", value: "v")
    private static let time = Timestamp(secondsSinceEpoch: 1)

    /// The tables that are named are read by these indexes, and by no others.
    @Test(arguments: [
        (ConnectionQuery(workspaceID: "w"), ["connections_by_creation"]),
        (ConnectionQuery(workspaceID: "w", userID: "u"), ["connections_by_user"]),
        (ConnectionQuery(workspaceID: "w", status: .error, userID: "u"), ["connections_by_user"]),
        (ConnectionQuery(workspaceID: "w", integrationID: "i", userID: "u"), ["connections_by_user"]),
        (ConnectionQuery(workspaceID: "w", userID: "u", label: "l", tag: tag), ["connections_by_user"]),
        (ConnectionQuery(workspaceID: "w", integrationID: "i"), ["connections_by_integration"]),
        (
            ConnectionQuery(workspaceID: "w", integrationID: "i", status: .active),
            ["connections_by_integration"]
        ),
        (ConnectionQuery(workspaceID: "w", label: "l"), ["connections_by_label"]),
        (ConnectionQuery(workspaceID: "w", integrationID: "i", label: "l"), ["connections_by_label"]),
        (ConnectionQuery(workspaceID: "w", status: .error, label: "l"), ["connections_by_label"]),
        (ConnectionQuery(workspaceID: "w", label: "l", expiresBefore: time), ["connections_by_label"]),
        (ConnectionQuery(workspaceID: "w", tag: tag), ["connection_tags_by_value"]),
        (ConnectionQuery(workspaceID: "w", integrationID: "i", tag: tag), ["connection_tags_by_value"]),
        (
            ConnectionQuery(workspaceID: "w", status: .error, label: "l", tag: tag),
            ["connection_tags_by_value"]
        ),
        (ConnectionQuery(workspaceID: "w", tag: tag, expiresBefore: time), ["connection_tags_by_value"]),
        (ConnectionQuery(workspaceID: "w", status: .active), ["connections_by_status"]),
        (ConnectionQuery(workspaceID: "w", status: .error), ["connections_by_status"]),
        (ConnectionQuery(workspaceID: "w", status: .error, expiresBefore: time), ["connections_by_status"]),
        (ConnectionQuery(workspaceID: "w", integrationID: "i", status: .error), ["connections_by_status"]),
        (
            ConnectionQuery(workspaceID: "w", status: .expired),
            ["connections_by_status", "connections_by_final_expiry"]
        ),
        (
            ConnectionQuery(workspaceID: "w", integrationID: "i", status: .expired, expiresBefore: time),
            ["connections_by_status", "connections_by_final_expiry"]
        ),
        (ConnectionQuery(workspaceID: "w", expiresBefore: time), ["connections_by_expiry"]),
        (ConnectionQuery(workspaceID: "w", status: .active, expiresBefore: time), ["connections_by_expiry"]),
        (ConnectionQuery(workspaceID: "w", reauthorizeBefore: time), ["connections_by_reauthorization"]),
        (ConnectionQuery(workspaceID: "w", connectionIDs: ["a", "b"], status: .error), []),
    ])
    func `a list is read by an index, and in its order`(
        _ query: ConnectionQuery, _ indexes: [String]
    ) async throws {
        let position = RowPosition(createdAt: 1, id: "a")
        for position in [nil, position] {
            let statement = ListStatement(query, after: position, skip: 0, limit: 10, in: .sqlite)
            let sql = "SELECT connections.id \(statement.sql)".replacing(/\?\d+/, with: "'1'")
            let plan = try await plan(sql)
            let used = plan.matches(of: /INDEX (\w+)/).map { String($0.output.1) }
            #expect(used == indexes, "\(plan)")
            #expect(!plan.contains(/SCAN (connections|tag)/), "\(plan)")
            // The ends, and what is picked by id, are sorted.
            let isSorted =
                query.status == .expired || query.connectionIDs != nil
                || indexes.contains { $0 == "connections_by_expiry" || $0.hasSuffix("reauthorization") }
            #expect(plan.contains("B-TREE") == isSorted, "\(plan)")
            if !isSorted, position != nil { #expect(plan.contains("id)<(?,?)"), "\(plan)") }
        }
    }

    @Test func `what ends soon is found by an index, workspace by workspace`() async throws {
        let plan = try await plan(reauthorizationsToAnnounce.replacing(/\?\d/, with: "1"))
        #expect(
            plan.contains(
                "SEARCH connections USING INDEX connections_by_reauthorization (workspace_id=? AND reauthorize_by_s>?"
            ), "\(plan)")
        #expect(!plan.contains("SCAN connections"), "\(plan)")
    }

    /// The statements that a store's calls run, each once.
    private final class StatementLog: Sendable {
        private let statements = Mutex<Set<String>>([])
        var all: [String] { statements.withLock { $0.sorted() } }

        func add(_ event: Database.TraceEvent) {
            guard case .statement(let statement) = event else { return }
            _ = statements.withLock { $0.insert(statement.sql) }
        }
    }

    @Test func `how much waits in the outbox is read from an index`() async throws {
        let log = StatementLog()
        try await harness.store.read { $0.database.trace { log.add($0) } }
        _ = try await harness.store.webhookBacklog()
        let sql = try #require(log.all.first { $0.contains("webhook_messages") })
        #expect(try await plan(sql).contains("COVERING INDEX webhook_messages_by_next"))
    }

    @Test func `targets with something to send are found among what is due`() async throws {
        let log = StatementLog()
        try await harness.store.read { $0.database.trace { log.add($0) } }
        _ = try await harness.store.dueWebhookTargets()
        let sql = try #require(log.all.first { $0.contains("webhook_messages") })
        let plan = try await plan(sql.replacing(/\?\d+/, with: "1"))
        #expect(plan.contains("INDEX webhook_messages_by_next (next_at_ms<?)"), "\(plan)")
        #expect(!plan.contains("SCAN webhook_messages"), "\(plan)")
    }

    @Test func `a refresh writes no index by label, status or tag`() async throws {
        let id = try await harness.insertSample()
        _ = try await harness.store.update(
            id, workspaceID: Sample.workspaceID, ifRevision: 1,
            ConnectionChanges(tags: ["a": "1", "b": "2", "c": "3", "d": "4"]))
        let log = StatementLog()
        try await harness.store.write { $0.database.trace { log.add($0) } }
        #expect(
            try await harness.store.finishRefresh(
                id, workspaceID: Sample.workspaceID, ifCredentialsRevision: 1,
                with: RefreshedGrant(credentials: Sample.sealed("x"), expiresAt: nil)))
        let updates = log.all.filter { $0.contains("UPDATE connections") }
        #expect(updates.count == 1 && updates[0].contains("expires_at_s = "))
        for column in ["label", "status", "tags", "created_at_ms"] {
            #expect(!updates[0].contains("\(column) = "), "\(updates)")
        }
    }
}
