import Connections
import ConnectionsSQLite
import ConnectionsTesting
import Testing

@Suite("SQLite store, with rows that cannot be read") struct UnreadableRowTests {
    private let harness: SQLiteHarness

    init() throws { harness = try SQLiteHarness() }

    /// The same tables without the rules that keep such rows out.
    private func loosen() throws {
        try harness.tamper(
            """
            CREATE TABLE loose AS SELECT * FROM connections;
            DROP TABLE connections; ALTER TABLE loose RENAME TO connections;
            CREATE UNIQUE INDEX connections_by_id ON connections (id);
            CREATE TABLE loose AS SELECT * FROM credentials;
            DROP TABLE credentials; ALTER TABLE loose RENAME TO credentials;
            CREATE UNIQUE INDEX credentials_by_id ON credentials (connection_id);
            """)
    }

    private func set(_ column: String, _ value: String, of id: ConnectionID, in table: String) throws {
        let key = table == "connections" ? "id" : "connection_id"
        try harness.tamper("UPDATE \(table) SET \(column) = \(value) WHERE \(key) = '\(id)'")
    }

    @Test(arguments: BrokenColumn.all)
    func `S47 a row that cannot be read is named, left out and deleted`(_ broken: BrokenColumn) async throws {
        let id = try await harness.insertSample()
        let sound = try await harness.insertSample()
        try loosen()
        try set(broken.column, broken.value { "x'\($0)'" }, of: id, in: broken.table)
        try await harness.expectUnreadable(id, broken.fault, besides: sound)
    }

    /// Only SQLite holds values of any type, and texts that are not UTF-8.
    @Test(arguments: [
        ("label", "CAST(x'ff' AS TEXT)", RowFault.Problem.notText),
        ("user_id", "CAST(x'c0af' AS TEXT)", .notText), ("account_id", "x'ff00'", .notText),
        ("account_label", "CAST(x'eda080' AS TEXT)", .notText),
        ("status_reason", "CAST(x'80' AS TEXT)", .notText), ("revision", "'many'", .wrongType),
        ("revision", "1.5", .wrongType), ("revision", "9e99", .wrongType),
        ("expires_at_s", "x'00'", .wrongType), ("expires_at_s", "-9e18", .outOfRange),
        ("last_refreshed_at_ms", "'soon'", .wrongType), ("flow_id", "7", .wrongType),
        ("scopes_granted", "x'5b22ff225d'", .malformed), ("label", "zeroblob(5000000)", .tooLarge),
        ("config", "replace(hex(zeroblob(100000)), '00', '[')", .malformed),
    ])
    func `S47 a value of another type is named, left out and deleted`(
        _ column: String, _ value: String, _ problem: RowFault.Problem
    ) async throws {
        let id = try await harness.insertSample()
        let sound = try await harness.insertSample()
        try loosen()
        try set(column, value, of: id, in: "connections")
        try await harness.expectUnreadable(id, RowFault(column, problem), besides: sound)
    }

    @Test(arguments: [
        "at_ms = 9223372036854775807", "number = 9223372036854775807", "workspace_id = 'another'",
    ]) func `S47 an event that cannot be read stops no change of its connection`(_ damage: String)
        async throws
    {
        let id = try await harness.insertSample()
        try harness.tamper("UPDATE connection_events SET \(damage) WHERE connection_id = '\(id)'")
        let changed = try await harness.store.update(
            id, workspaceID: Sample.workspaceID, ifRevision: 1, ConnectionChanges(label: "x"))
        #expect(changed.label == "x")
        #expect(try await harness.store.delete(id, workspaceID: Sample.workspaceID) != nil)
    }

    @Test func `S47 a connection without credentials is named, left out and deleted`() async throws {
        let id = try await harness.insertSample()
        let sound = try await harness.insertSample()
        try harness.tamper("DELETE FROM credentials WHERE connection_id = '\(id)'")
        try await harness.expectUnreadable(id, RowFault("sealed", .missing), besides: sound)
    }

    @Test func `S47 a row whose id is none of ours stops no list`() async throws {
        _ = try await harness.insertSample()
        let sound = try await harness.insertSample()
        try loosen()
        for id in ["'conn_x'", "NULL", "x'ff'", "7"] {
            try harness.tamper("UPDATE connections SET id = \(id) WHERE id IS NOT '\(sound)'")
            let page = try await harness.store.connections(
                matching: ConnectionQuery(workspaceID: Sample.workspaceID))
            #expect(page.connections.map(\.id) == [sound])
            #expect(page.unreadable.map(\.id) == [nil])
            _ = try await harness.store.sealedConnections(notUnder: [], after: nil, limit: 1)
        }
    }

    @Test(arguments: [
        ("body = CAST(x'ff' AS TEXT)", false), ("type = 'a' || char(0)", false),
        ("id = CAST(x'ff' AS TEXT)", false),
        ("attempts = -1", true), ("attempts = 1000001", true),
        ("created_at_ms = 9223372036854775807", true), ("created_at_ms = -9223372036854775808", true),
        ("last_error = CAST(x'c328' AS TEXT)", true), ("next_at_ms = -9223372036854775808", true),
    ])
    func `S46 a message that cannot be read is listed, dropped, and sent if its text is whole`(
        _ change: String, _ isMendable: Bool
    ) async throws {
        try await harness.expectUnreadableWebhook(isMendable: isMendable) { id in
            try harness.tamper("UPDATE webhook_messages SET \(change) WHERE id = '\(id)'")
        }
    }

    @Test func `S46 a message that is due in thousands of years is due now`() async throws {
        try await harness.expectDamagedTimeMended { id in
            try harness.tamper(
                "UPDATE webhook_messages SET next_at_ms = 9223372036854775807 WHERE id = '\(id)'")
        }
    }

    @Test func `S47 many such rows do not end a list early`() async throws {
        let first = try await harness.insertSample()
        harness.clock.advance(by: .seconds(1))
        for _ in 0..<25 { _ = try await harness.insertSample() }
        harness.clock.advance(by: .seconds(1))
        let last = try await harness.insertSample()
        try loosen()
        try harness.tamper("UPDATE connections SET status = '?' WHERE id NOT IN ('\(first)', '\(last)')")
        let page = try await harness.store.connections(
            matching: ConnectionQuery(workspaceID: Sample.workspaceID, limit: 2))
        #expect(page.connections.map(\.id) == [last, first])
        #expect(page.unreadable.count == 25)
    }
}
