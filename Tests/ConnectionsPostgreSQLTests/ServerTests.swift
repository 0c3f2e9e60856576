#if PostgreSQL
import Connections
import ConnectionsTesting
import Foundation
import StateTokens
import TestSupport
import Testing

@testable import ConnectionsPostgreSQL

@Suite("PostgreSQL store, its sessions and its clock") struct ServerTests {
    private let harness: PostgreSQLHarness

    init() async throws { harness = try await PostgreSQLHarness() }

    @Test func `the server's clock tells the time in milliseconds`() async throws {
        let store = PostgreSQLConnectionStore(try ServerAddress(harness.url))
        let before = Int64(Date().timeIntervalSince1970 * 1000)
        let now = try await store.read { try $0.now().millisecondsSinceEpoch }
        let after = Int64(Date().timeIntervalSince1970 * 1000)
        #expect((before - 1...after + 1).contains(now))
    }

    @Test func `S09 a lease runs out by the server's clock, whatever the replica's own says`()
        async throws
    {
        let store = PostgreSQLConnectionStore(try ServerAddress(harness.url))
        func claim() async throws -> ClaimResult {
            try await store.claim(
                flow: Sample.flow(), codeHash: Sample.code(), owner: .random(), lease: .seconds(30),
                keep: .seconds(60))
        }
        #expect(try await claim() == .claimed)
        #expect(try await claim() == .pending(sameCode: true))
        try await harness.tamper("UPDATE claims SET lease_ends_at_ms = lease_ends_at_ms - 30000")
        #expect(try await claim() == .finished(.failure(.restart)))
        let kept = try await harness.tamper(
            """
            SELECT kept_until_ms - floor(extract(epoch FROM clock_timestamp()) * 1000) BETWEEN 50000 AND 60000
            FROM claims
            """)
        #expect(kept == "t")
    }

    @Test func `a transaction that waited for a row takes the time after the wait`() async throws {
        let store = PostgreSQLConnectionStore(try ServerAddress(harness.url))
        let id = try await harness.insertSample()
        let holder = Task {
            try await harness.tamper(
                """
                BEGIN; SELECT 1 FROM connections FOR UPDATE; SELECT pg_sleep(1.5);
                SELECT floor(extract(epoch FROM clock_timestamp()) * 1000); COMMIT
                """)
        }
        try await eventually("the row is held") {
            try await harness.tamper(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'") != "0"
        }
        _ = try await store.update(
            id, workspaceID: Sample.workspaceID, ifRevision: 1, ConnectionChanges(label: "x"))
        let wasHeldUntil = try #require(
            try await holder.value.split(separator: "\n").last.flatMap { Int64($0) })
        let updated = try #require(Int64(try await harness.tamper("SELECT updated_at_ms FROM connections")))
        #expect(updated >= wasHeldUntil)
    }

    @Test(arguments: [
        ("", "on"), ("off", "on"), ("local", "on"), ("remote_write", "on"),
        ("remote_apply", "remote_apply"),
    ])
    func `S09 a commit is on the disk before its caller goes on`(_ set: String, _ found: String)
        async throws
    {
        let options = set.isEmpty ? "" : "-c synchronous_commit=\(set)"
        let url = try await PostgreSQLHarness.server.value.url(options: options)
        let session = try DatabaseSession(try ServerAddress(url))
        try SessionSettings.apply(to: session)
        let setting = try session.execute("SHOW synchronous_commit", by: .now + .seconds(5)).rows
        #expect(setting == [[Array(found.utf8)]])
    }

    @Test(arguments: [
        "postgresql://u:secret@[h/d", "postgresql://u:secret@h/d?nonsense=1",
        "postgresql://u:secret@h/d?sslmode",
    ])
    func `S23 a URL that libpq does not understand is not repeated`(_ url: String) {
        let error = #expect(throws: StoreError.self) { try ServerAddress(url) }
        #expect(!"\(String(describing: error))".contains("secret"))
    }

    @Test func `S23 a refused password is not repeated`() async throws {
        let url = try await PostgreSQLHarness.server.value.url(password: "guess-guess")
        let store = PostgreSQLConnectionStore(try ServerAddress(url))
        let error = await #expect(throws: StoreError.self) { try await store.ping() }
        #expect("\(String(describing: error))".contains("password authentication failed"))
        #expect(!"\(String(describing: error))".contains("guess-guess"))
    }

    @Test func `S29 looking at flows leaves no rows`() async throws {
        for number in 0..<50 as Range<UInt8> {
            _ = try await harness.store.progress(of: Sample.flow(number), codeHash: Sample.code())
        }
        #expect(try await harness.tamper("SELECT count(*) FROM claims") == "0")
    }

    @Test func `a replica has no more connections than it may`() async throws {
        let store = PostgreSQLConnectionStore(
            try ServerAddress(harness.url + "&application_name=few"), connectionCount: 3)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<60 { group.addTask { try await store.ping() } }
            try await group.waitForAll()
        }
        let count = try await harness.tamper(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'few'")
        #expect((1...3).contains(try #require(Int(count))))
        await store.close()
        await #expect(throws: StoreError.self) { try await store.ping() }
    }
}
#endif
