import Connections
import ConnectionsTesting
import Foundation
import GRDB
import Testing

@testable import ConnectionsSQLite

@Suite("SQLite file") struct FileTests {
    private let harness: SQLiteHarness

    init() throws { harness = try SQLiteHarness() }

    @Test(arguments: ["", "-wal", "-shm"])
    func `nobody but its owner can read the file`(_ suffix: String) async throws {
        try await harness.insertSample()
        let attributes = try FileManager.default.attributesOfItem(atPath: harness.path + suffix)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test func `S09 a commit is on the disk before its caller goes on`() async throws {
        let settings = try await harness.store.write { transaction in
            let database = transaction.database
            return [
                try Int.fetchOne(database, sql: "PRAGMA synchronous"),
                try Int.fetchOne(database, sql: "PRAGMA secure_delete"),
                try Int.fetchOne(database, sql: "PRAGMA foreign_keys"),
                try Int.fetchOne(database, sql: "PRAGMA busy_timeout"),
            ]
        }
        #expect(settings == [2, 1, 1, 5000])
        #expect(
            try await harness.store.read { transaction in
                try String.fetchOne(transaction.database, sql: "PRAGMA journal_mode")
            } == "wal")
    }

    @Test func `the database's clock tells the time in milliseconds`() async throws {
        let store = try SQLiteConnectionStore(path: harness.path)
        let before = Int64(Date().timeIntervalSince1970 * 1000)
        let now = try await store.read { $0.now().millisecondsSinceEpoch }
        let after = Int64(Date().timeIntervalSince1970 * 1000)
        #expect((before - 1...after + 1).contains(now))
    }

    /// What versions 11 and 12 made, taken away again.
    private static let versionTen = """
        DROP TRIGGER connection_tags_insert; DROP TRIGGER connection_tags_update; DROP TABLE connection_tags;
        DROP INDEX connections_by_label; DROP INDEX connections_by_status; DROP INDEX connections_by_final_expiry;
        ALTER TABLE webhook_messages DROP COLUMN traceparent;
        """

    @Test func `rows of the version before are found by label, status and tag`() async throws {
        let id = try await harness.insertSample()
        let before = try await harness.store.update(
            id, workspaceID: Sample.workspaceID, ifRevision: 1,
            ConnectionChanges(
                label: "Mine", status: ConnectionChanges.Status(.error), tags: ["team": "a", "stage": "b"]))
        try harness.tamper("\(Self.versionTen) DELETE FROM grdb_migrations WHERE identifier IN ('11', '12')")
        let reopened = try SQLiteConnectionStore(path: harness.path)
        for query in [
            ConnectionQuery(workspaceID: Sample.workspaceID, label: "Mine"),
            ConnectionQuery(workspaceID: Sample.workspaceID, status: .error),
            ConnectionQuery(workspaceID: Sample.workspaceID, tag: .init(name: "stage", value: "b")),
        ] {
            #expect(try await reopened.connections(matching: query).connections == [before])
        }
        _ = try await reopened.delete(id, workspaceID: Sample.workspaceID)
        let left = try await reopened.read { transaction in
            try Int.fetchOne(transaction.database, sql: "SELECT count(*) FROM connection_tags")
        }
        #expect(left == 0)
    }

    @Test func `rows of the version before are read, and what they do not know stays open`() async throws {
        let id = try await harness.insertSample()
        try harness.tamper(
            """
            \(Self.versionTen)
            DELETE FROM grdb_migrations WHERE identifier <> '1'; DROP INDEX connections_by_account;
            DROP TABLE connection_events; DROP TABLE webhook_messages;
            DROP TABLE revocations; DROP TABLE revocation_grants; DROP TABLE api_key_uses;
            ALTER TABLE connections DROP COLUMN client; ALTER TABLE connections DROP COLUMN token_lifetime_s;
            ALTER TABLE connections DROP COLUMN is_expiry_final; ALTER TABLE connections DROP COLUMN tags;
            DROP INDEX connections_by_sweep; DROP INDEX connections_by_user; DROP INDEX connections_by_integration;
            DROP INDEX connections_by_expiry; DROP INDEX connections_by_reauthorization;
            ALTER TABLE connections DROP COLUMN sweep_at_ms;
            ALTER TABLE connections DROP COLUMN token_read_at_ms;
            ALTER TABLE connections DROP COLUMN reauthorize_by_s;
            ALTER TABLE connections DROP COLUMN reauthorize_announced_s;
            ALTER TABLE connections DROP COLUMN uncompared_flow_id
            """)
        let reopened = try SQLiteConnectionStore(path: harness.path)
        let found = try #require(try await reopened.connection(id, workspaceID: Sample.workspaceID))
        let isDue = DatabaseTime(millisecondsSinceEpoch: 0)
        #expect(found.facts == GrantFacts(sweepAt: isDue) && found.tags == [:])
        #expect(found.isAccountCompared)
        #expect(try await reopened.credentials(of: id, workspaceID: Sample.workspaceID) != nil)
        #expect(try await reopened.takeDue(limit: 1, lease: .seconds(1)).connections.map(\.id) == [id])
    }

    @Test func `rows outlive the process`() async throws {
        let id = try await harness.insertSample()
        let reopened = try SQLiteConnectionStore(path: harness.path)
        #expect(try await reopened.credentials(of: id, workspaceID: Sample.workspaceID) != nil)
    }

    @Test func `a file of a newer version is left alone`() throws {
        try harness.tamper("INSERT INTO grdb_migrations (identifier) VALUES ('1000')")
        #expect(throws: StoreError.newer) { try SQLiteConnectionStore(path: harness.path) }
        #expect(throws: StoreError.newer) {
            try SQLiteConnectionStore.pendingMigrations(path: harness.path)
        }
    }

    @Test(arguments: [false, true])
    func `a file that was moved away or replaced takes no write and answers no ping`(
        _ isReplaced: Bool
    ) async throws {
        let id = try await harness.insertSample()
        let url = URL(filePath: harness.path)
        let away = URL(filePath: harness.path + ".away")
        try FileManager.default.moveItem(at: url, to: away)
        if isReplaced { try FileManager.default.copyItem(at: away, to: url) }
        await #expect(throws: StoreError.self) { try await harness.store.ping() }
        await #expect(throws: StoreError.self) { try await harness.insertSample() }
        await #expect(throws: StoreError.self) {
            try await harness.store.delete(id, workspaceID: Sample.workspaceID)
        }
        if isReplaced { try FileManager.default.removeItem(at: url) }
        try FileManager.default.moveItem(at: away, to: url)
        try await harness.store.ping()
        #expect(try await harness.store.connection(id, workspaceID: Sample.workspaceID) != nil)
    }

    @Test(arguments: ["", ":memory:", "/nowhere/at/all.sqlite", "/"])
    func `a path that is no file is unavailable`(_ path: String) {
        let error = #expect(throws: StoreError.self) { try SQLiteConnectionStore(path: path) }
        guard case .unavailable = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `a file that is no database is corrupt`() throws {
        let path = harness.path + ".txt"
        try Data(repeating: 65, count: 4096).write(to: URL(filePath: path))
        let error = #expect(throws: StoreError.self) { try SQLiteConnectionStore(path: path) }
        guard case .corrupt = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func `S29 looking at flows leaves no rows`() async throws {
        for number in 0..<50 as Range<UInt8> {
            _ = try await harness.store.progress(of: Sample.flow(number), codeHash: Sample.code())
        }
        let count = try await harness.store.read { transaction in
            try Int.fetchOne(transaction.database, sql: "SELECT count(*) FROM claims")
        }
        #expect(count == 0)
    }
}
