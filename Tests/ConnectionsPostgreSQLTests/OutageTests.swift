#if PostgreSQL
import Connections
import ConnectionsPostgreSQL
import ConnectionsTesting
import TestSupport
import Testing

@Suite("PostgreSQL store, while the server is away") struct OutageTests {
    private let server: PostgreSQLServer
    private let store: PostgreSQLConnectionStore

    init() async throws {
        server = try await PostgreSQLServer.start()
        store = PostgreSQLConnectionStore(try ServerAddress(try await server.makeSchema()))
    }

    @Test func `S30 a server that is gone claims nothing, and is back by itself`() async throws {
        #expect(try await claim(1) == .claimed)
        await server.stop()
        for _ in 0..<50 {
            let began = ContinuousClock.now
            let error = await #expect(throws: StoreError.self) { try await claim(2) }
            guard case .unavailable = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(began.duration(to: .now) < .seconds(1))
        }
        try await server.start()
        #expect(await isClaimed(2, within: .seconds(5)))
        #expect(try await claim(1) == .pending(sameCode: true))
    }

    @Test func `S28 a server that hangs costs a bounded wait, and nothing piles up behind it`()
        async throws
    {
        try await store.ping()
        try server.pause()
        let began = ContinuousClock.now
        let calls = (0..<100 as Range<UInt8>).flatMap { number in
            [Task { await isClaimed(number) }, Task { await isReached() }]
        }
        while store.load.inUseCount < 8 || store.load.waitingCount == 0 { await Task.yield() }
        #expect(store.load.inUseCount == 8 && store.load.limit == 8)
        // Meanwhile nothing else waits: the calls block threads of their own only.
        for _ in 0..<20 {
            let asleep = ContinuousClock.now
            try await Task.sleep(for: .milliseconds(10))
            #expect(asleep.duration(to: .now) < .seconds(1))
        }
        for call in calls { #expect(await !call.value) }
        #expect(began.duration(to: .now) < .seconds(15))
        try server.resume()
        #expect(await isClaimed(200, within: .seconds(5)))
        #expect(store.load == StorePoolLoad(inUseCount: 0, waitingCount: 0, limit: 8))
    }

    private func isReached() async -> Bool {
        do {
            try await store.ping()
            return true
        } catch {
            return false
        }
    }

    @Test func `a store may be made before its server is there`() async throws {
        let url = try await server.makeSchema()
        await server.stop()
        let early = PostgreSQLConnectionStore(try ServerAddress(url))
        await #expect(throws: StoreError.self) { try await early.ping() }
        try await server.start()
        try await eventually("the store is there") {
            do {
                try await early.ping()
                return true
            } catch {
                return false
            }
        }
    }

    private func isClaimed(_ number: UInt8) async -> Bool {
        do {
            return try await claim(number) == .claimed
        } catch {
            return false
        }
    }

    /// Tries again and again, as a user's browser does.
    private func isClaimed(_ number: UInt8, within limit: Duration) async -> Bool {
        let end = ContinuousClock.now + limit
        var isClaimed = await self.isClaimed(number)
        while !isClaimed, ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(50))
            isClaimed = await self.isClaimed(number)
        }
        return isClaimed
    }

    private func claim(_ number: UInt8) async throws -> ClaimResult {
        try await store.claim(
            flow: Sample.flow(number), codeHash: Sample.code(), owner: .random(), lease: Sample.lease,
            keep: Sample.keep)
    }
}
#endif
