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

    @Test(arguments: [
        (ConnectionQuery(workspaceID: "w"), "connections_by_creation"),
        (ConnectionQuery(workspaceID: "w", userID: "u"), "connections_by_user"),
        (ConnectionQuery(workspaceID: "w", status: .active, userID: "u"), "connections_by_user"),
        (ConnectionQuery(workspaceID: "w", integrationID: "i", userID: "u"), "connections_by_user"),
        (ConnectionQuery(workspaceID: "w", integrationID: "i"), "connections_by_integration"),
        (
            ConnectionQuery(workspaceID: "w", expiresBefore: Timestamp(secondsSinceEpoch: 1)),
            "connections_by_expiry"
        ),
        (
            ConnectionQuery(workspaceID: "w", reauthorizeBefore: Timestamp(secondsSinceEpoch: 1)),
            "connections_by_reauthorization"
        ),
    ])
    func `a list is read by an index`(_ query: ConnectionQuery, _ index: String) async throws {
        let position = RowPosition(createdAt: 1, id: "a")
        for position in [nil, position] {
            let statement = ListStatement(query, after: position, skip: 0, limit: 10, in: .sqlite)
            let sql = "SELECT id FROM connections \(statement.sql)".replacing(/\?\d+/, with: "'1'")
            let plan = try await plan(sql)
            #expect(plan.contains(index), "\(plan)")
            #expect(!plan.contains("SCAN"), "\(plan)")
        }
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
}
