#if PostgreSQL
import Connections
import ConnectionsTesting
import TestSupport
import Testing

@testable import ConnectionsPostgreSQL

/// Behind PgBouncer in transaction mode, where each transaction may run in another process of the server.
@Suite("PostgreSQL store behind PgBouncer", .serialized) struct PoolerTests {
    @Test(arguments: ConformanceCase<PooledHarness>.all)
    func `the store keeps its promise`(_ conformance: ConformanceCase<PooledHarness>) async throws {
        try await conformance.run()
    }

    @Test(arguments: ConformanceCase<PooledHarness>.webhooks)
    func `the store keeps its promise of webhooks`(_ conformance: ConformanceCase<PooledHarness>)
        async throws
    {
        try await conformance.run()
    }

    @Test(arguments: ["transaction", "session"])
    func `more replicas than the pooler has connections write and read at the same time`(_ mode: String)
        async throws
    {
        let server = try await PostgreSQLHarness.server.value
        let pooler = try await PgBouncer(before: server, mode: mode, poolSize: mode == "session" ? 20 : 3)
        let url = pooler.url(database: try await server.makeDatabase())
        let stores = try (0..<4).map { _ in
            PostgreSQLConnectionStore(try ServerAddress(url), connectionCount: 4)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<80 {
                group.addTask {
                    let store = stores[number % stores.count]
                    let sealed = Sample.sealed("credentials \(number)")
                    let connection = try Sample.connection(.random())
                    try await store.insert(connection, sealed)
                    let reader = stores[(number + 1) % stores.count]
                    let found = try await reader.credentials(
                        of: connection.id, workspaceID: Sample.workspaceID)
                    #expect(found?.credentials == sealed)
                }
            }
            try await group.waitForAll()
        }
        for store in stores { await store.close() }
    }

    @Test func `S09 each transaction is on the disk before its caller goes on, and ends in time`()
        async throws
    {
        let harness = try await PooledHarness()
        try await harness.set("synchronous_commit", to: "off")
        for _ in 0..<3 {
            let settings = try await harness.store.write { transaction in
                try ["synchronous_commit", "statement_timeout", "lock_timeout"].map { name in
                    try transaction.execute("SHOW \(name)").rows.first?.first.flatMap { $0 }.map {
                        String(decoding: $0, as: UTF8.self)
                    }
                }
            }
            #expect(settings == ["on", "5s", "4s"])
        }
        try await harness.set("synchronous_commit", to: "remote_apply")
        let stronger = try await harness.store.write { transaction in
            try transaction.execute("SHOW synchronous_commit").rows
        }
        #expect(stronger == [[Array("remote_apply".utf8)]])
        try await harness.set("synchronous_commit", to: "off")
    }

    @Test func `nothing is left behind for the pooler's other clients`() async throws {
        let harness = try await PooledHarness()
        try await harness.insertSample()
        _ = try await harness.store.keysInUse()
        for _ in 0..<4 {
            #expect(try await harness.query("SHOW statement_timeout") == "0")
            #expect(try await harness.query("SHOW lock_timeout") == "0")
            #expect(try await harness.query("SELECT count(*) FROM pg_prepared_statements") == "0")
        }
    }

    @Test func `a server without a pooler is told from one behind it`() async throws {
        func isPooled(_ url: String) throws -> Bool {
            let session = try DatabaseSession(try ServerAddress(url))
            try SessionSettings.apply(to: session)
            return session.isPooled
        }
        let harness = try await PooledHarness()
        #expect(try isPooled(harness.url))
        #expect(try !isPooled(try await PostgreSQLHarness.server.value.url()))
    }
}
#endif
