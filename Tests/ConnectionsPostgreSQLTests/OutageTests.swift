#if PostgreSQL
import Connections
import ConnectionsPostgreSQL
import ConnectionsTesting
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
        let returned = ContinuousClock.now
        while true {
            do {
                #expect(try await claim(2) == .claimed)
                break
            } catch StoreError.unavailable where returned.duration(to: .now) < .seconds(5) {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
        #expect(try await claim(1) == .pending(sameCode: true))
    }

    @Test func `S28 a server that hangs costs a bounded wait, and nothing piles up behind it`()
        async throws
    {
        try await store.ping()
        try server.pause()
        let began = ContinuousClock.now
        let failures = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<100 as Range<UInt8> {
                group.addTask {
                    do {
                        _ = try await claim(number)
                        return false
                    } catch {
                        return true
                    }
                }
            }
            // Meanwhile nothing else waits: the calls block threads of their own only.
            for _ in 0..<20 {
                let asleep = ContinuousClock.now
                try? await Task.sleep(for: .milliseconds(10))
                #expect(asleep.duration(to: .now) < .seconds(1))
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(failures == 100)
        #expect(began.duration(to: .now) < .seconds(15))
        try server.resume()
        let returned = ContinuousClock.now
        while true {
            do {
                try await store.ping()
                break
            } catch StoreError.unavailable where returned.duration(to: .now) < .seconds(5) {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    @Test func `a store may be made before its server is there`() async throws {
        let url = try await server.makeSchema()
        await server.stop()
        let early = PostgreSQLConnectionStore(try ServerAddress(url))
        await #expect(throws: StoreError.self) { try await early.ping() }
        try await server.start()
        try await Task.sleep(for: .seconds(1))
        try await early.ping()
    }

    private func claim(_ number: UInt8) async throws -> ClaimResult {
        try await store.claim(
            flow: Sample.flow(number), codeHash: Sample.code(), owner: .random(), lease: Sample.lease,
            keep: Sample.keep)
    }
}
#endif
