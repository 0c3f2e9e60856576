#if PostgreSQL
import Connections
import ConnectionsPostgreSQL
import ConnectionsTesting
import Testing

@Suite("PostgreSQL store, with rows that cannot be read") struct UnreadableRowTests {
    private let harness: PostgreSQLHarness

    init() async throws { harness = try await PostgreSQLHarness() }

    /// Takes away the rules that keep such rows out, but for the keys.
    private static let loosening = """
        DO $$ DECLARE rule record; BEGIN
            FOR rule IN SELECT conrelid::regclass AS name, conname FROM pg_constraint
                WHERE contype = 'c' AND conrelid::regclass::text IN ('connections', 'credentials')
            LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', rule.name, rule.conname); END LOOP;
            FOR rule IN SELECT table_name AS name, column_name AS conname FROM information_schema.columns
                WHERE table_schema = current_schema() AND table_name IN ('connections', 'credentials')
                    AND is_nullable = 'NO' AND column_name NOT IN ('id', 'connection_id')
            LOOP EXECUTE format('ALTER TABLE %I ALTER COLUMN %I DROP NOT NULL', rule.name, rule.conname); END LOOP;
        END $$;
        """

    @Test(arguments: BrokenColumn.all)
    func `S47 a row that cannot be read is named, left out and deleted`(_ broken: BrokenColumn) async throws {
        let id = try await harness.insertSample()
        let sound = try await harness.insertSample()
        let value = broken.value { "decode('\($0)', 'hex')" }
        let key = broken.table == "connections" ? "id" : "connection_id"
        try await harness.tamper(
            "\(Self.loosening) UPDATE \(broken.table) SET \(broken.column) = \(value) WHERE \(key) = '\(id)'")
        try await harness.expectUnreadable(id, broken.fault, besides: sound)
    }

    @Test(arguments: [
        "at_ms = 9223372036854775807", "number = 9223372036854775807", "workspace_id = 'another'",
    ]) func `S47 an event that cannot be read stops no change of its connection`(_ damage: String)
        async throws
    {
        let id = try await harness.insertSample()
        try await harness.tamper("UPDATE connection_events SET \(damage) WHERE connection_id = '\(id)'")
        let changed = try await harness.store.update(
            id, workspaceID: Sample.workspaceID, ifRevision: 1, ConnectionChanges(label: "x"))
        #expect(changed.label == "x")
        #expect(try await harness.store.delete(id, workspaceID: Sample.workspaceID) != nil)
    }

    @Test func `S47 a connection without credentials is named and deleted`() async throws {
        let id = try await harness.insertSample()
        let sound = try await harness.insertSample()
        try await harness.tamper("DELETE FROM credentials WHERE connection_id = '\(id)'")
        try await harness.expectUnreadable(id, RowFault("sealed", .missing), besides: sound)
    }

    @Test(arguments: [
        ("body = NULL", false), ("type = NULL", false), ("attempts = -1", true), ("attempts = NULL", true),
        ("created_at_ms = 9223372036854775807", true),
    ])
    func `S46 a message that cannot be read is listed, dropped, and sent if its text is whole`(
        _ change: String, _ isMendable: Bool
    ) async throws {
        try await harness.expectUnreadableWebhook(isMendable: isMendable) { id in
            for column in ["body", "type", "attempts"] {
                try await harness.tamper("ALTER TABLE webhook_messages ALTER COLUMN \(column) DROP NOT NULL")
            }
            try await harness.tamper("UPDATE webhook_messages SET \(change) WHERE id = '\(id)'")
        }
    }

    @Test func `S46 a message that is due in thousands of years is due now`() async throws {
        try await harness.expectDamagedTimeMended { id in
            try await harness.tamper(
                "UPDATE webhook_messages SET next_at_ms = 9223372036854775807 WHERE id = '\(id)'")
        }
    }

    @Test func `S47 a column whose type was changed names itself`() async throws {
        let id = try await harness.insertSample()
        try await harness.tamper("ALTER TABLE connections ALTER COLUMN expires_at_s TYPE numeric")
        await #expect(throws: StoreError.unreadable(RowFault("expires_at_s", .wrongType))) {
            try await harness.store.connection(id, workspaceID: Sample.workspaceID)
        }
        #expect(try await harness.store.delete(id, workspaceID: Sample.workspaceID) != nil)
    }
}
#endif
