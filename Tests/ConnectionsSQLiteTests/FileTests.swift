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

    @Test func `rows outlive the process`() async throws {
        let id = try await harness.insertSample()
        let reopened = try SQLiteConnectionStore(path: harness.path)
        #expect(try await reopened.credentials(of: id, workspaceID: Sample.workspaceID) != nil)
    }

    @Test func `a file of a newer version is left alone`() throws {
        try harness.tamper("INSERT INTO grdb_migrations (identifier) VALUES ('2')")
        #expect(throws: StoreError.self) { try SQLiteConnectionStore(path: harness.path) }
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
