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

    /// Each version that programs have made, with rows of then in all its tables.
    @Test(arguments: Schema.migrations.map(\.version).dropLast())
    func `rows of an older version are read, listed and refreshed, and what they do not know stays open`(
        _ version: Int
    ) async throws {
        let rows = try EarlierRows(version: version) { "X'\($0)'" }
        let path = harness.path + ".old"
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let made = Schema.migrations.prefix(version)
        try await DatabaseQueue(path: path, configuration: configuration).write { database in
            try database.execute(
                sql: """
                    CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
                    \(made.map { "INSERT INTO grdb_migrations VALUES ('\($0.version)');\n\($0.sql)" }
                        .joined(separator: ";\n"));
                    \(rows.sql)
                    """)
        }
        #expect(
            try SQLiteConnectionStore.pendingMigrations(path: path).map(\.version)
                == Array(version + 1...Schema.migrations.count))
        try await rows.expectRead(by: try SQLiteConnectionStore(path: path))
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
