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

    @Test func `S47 a connection without credentials is named and deleted`() async throws {
        let id = try await harness.insertSample()
        let sound = try await harness.insertSample()
        try await harness.tamper("DELETE FROM credentials WHERE connection_id = '\(id)'")
        try await harness.expectUnreadable(id, RowFault("sealed", .missing), besides: sound)
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
