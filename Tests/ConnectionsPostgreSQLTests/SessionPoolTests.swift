#if PostgreSQL
import Connections
import Dispatch
import NIOPosix
import Synchronization
import Testing

@testable import ConnectionsPostgreSQL

/// What can be told without a server.
@Suite("PostgreSQL store, before it has a session", .timeLimit(.minutes(1))) struct SessionPoolTests {
    @Test func `tables that are too new are told to each caller, and not to the first alone`() {
        let pool = SessionPool { throw StoreError.newer }
        for _ in 0..<3 {
            #expect(throws: StoreError.newer) { try pool.withSession { _, _ in } }
        }
    }

    @Test func `S28 a read too many is rejected at once`() async throws {
        let gate = DispatchSemaphore(value: 0)
        let pool = SessionPool {
            gate.wait()
            throw DatabaseSessionError.timedOut
        }
        let threads = NIOThreadPool(numberOfThreads: 2)
        threads.start()
        let reads = CredentialReads(threads, pool, threadLimit: 2, waitingLimit: 3)
        let id = try ConnectionID.random()
        let (results, result) = AsyncStream<String>.makeStream()
        func read(_ name: String) {
            reads.read(id, workspaceID: "wsp_one") { found in
                switch found {
                case .success: result.yield("\(name) found")
                case .failure(let error):
                    result.yield("\(name) \(StoreError(translating: error).publicCode)")
                }
            }
        }
        // Each of two threads takes three at most, and three wait.
        for _ in 0..<3 { read("early") }
        for _ in 0..<7 { read("late") }
        for _ in 0..<20 { gate.signal() }
        var found: [String] = []
        for await name in results {
            found.append(name)
            if found.count == 10 { break }
        }
        #expect(found.first == "late busy")
        #expect(found.count { $0 == "early timed_out" } == 3)
        try await threads.shutdownGracefully()
    }
}

@Suite("PostgreSQL store, migrations", .timeLimit(.minutes(1))) struct MigrationRunTests {
    private struct Failure: Error {}

    @Test func `one runs at a time, and those that wait for it are told in time`() async throws {
        let gate = DispatchSemaphore(value: 0)
        let runs = Mutex(0)
        let migration = Migration {
            runs.withLock { $0 += 1 }
            gate.wait()
        }
        let threads = NIOThreadPool(numberOfThreads: 4)
        threads.start()
        // No time at all is what a request has at the end of its time.
        for _ in 0..<4 {
            await #expect(throws: StoreError.self) {
                try await threads.runIfActive { try migration.wait(for: .zero) }
            }
        }
        async let whole: Void = threads.runIfActive { try migration.wait(for: .seconds(60)) }
        while runs.withLock({ $0 }) == 0 { await Task.yield() }
        #expect(runs.withLock { $0 } == 1)
        gate.signal()
        gate.signal()
        try await whole
        #expect((1...2).contains(runs.withLock { $0 }))
        try await threads.shutdownGracefully()
    }

    @Test func `what it fails with is told, and the next one that asks begins anew`() async throws {
        let runs = Mutex(0)
        let migration = Migration {
            let number = runs.withLock { runs in
                runs += 1
                return runs
            }
            if number == 1 { throw Failure() }
        }
        let threads = NIOThreadPool(numberOfThreads: 1)
        threads.start()
        await #expect(throws: Failure.self) {
            try await threads.runIfActive { try migration.wait(for: .seconds(60)) }
        }
        try await threads.runIfActive { try migration.wait(for: .seconds(60)) }
        #expect(runs.withLock { $0 } == 2)
        try await threads.shutdownGracefully()
    }
}
#endif
