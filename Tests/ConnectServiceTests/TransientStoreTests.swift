import Access
import ConnectService
import Connections
import ConnectionsTesting
import OAuthHTTP
import StateTokens
import Testing

@Suite("TransientStore") struct TransientStoreTests {
    /// One replica's memory: there is no other handle on it.
    struct Harness: StoreHarness {
        let store: TransientStore
        var replica: TransientStore { store }
        let clock: ManualClock

        init() {
            let clock = ManualClock()
            self.clock = clock
            store = TransientStore(skew: .seconds(60), now: { clock.now })
        }
    }

    @Test(arguments: ConformanceCase<Harness>.claiming)
    func `its claims keep every store's promise`(_ conformance: ConformanceCase<Harness>) async throws {
        try await conformance.run()
    }

    private let clock = ManualClock()

    private func store(limit: Int = 100) -> TransientStore {
        TransientStore(skew: .seconds(60), limit: limit, now: { [clock] in clock.now })
    }

    private func claim(_ number: UInt8, in store: TransientStore) async throws -> ClaimResult {
        let flow = try #require(FlowID(octets: [UInt8](repeating: number, count: 16)))
        let code = try #require(CodeHash(octets: [UInt8](repeating: number, count: 32)))
        return try await store.claim(
            flow: flow, codeHash: code, owner: .random(), lease: .seconds(30), keep: .seconds(840))
    }

    @Test func `S28 it remembers so many flows, and refuses more until some are forgotten`() async throws {
        let store = store(limit: 10)
        for number in 0..<10 as Range<UInt8> { #expect(try await claim(number, in: store) == .claimed) }
        for number in 10..<20 as Range<UInt8> {
            await #expect(throws: StoreError.self) { try await claim(number, in: store) }
        }
        #expect(store.flowCount == 10)
        #expect(try await claim(3, in: store) == .pending(sameCode: true))
        clock.advance(by: .seconds(839))
        await #expect(throws: StoreError.self) { try await claim(10, in: store) }
        clock.advance(by: .seconds(1))
        #expect(try await claim(10, in: store) == .claimed)
        #expect(store.flowCount == 1)
    }

    @Test func `S28 a claim beyond the limit does not look through all flows each time`() async throws {
        let store = store(limit: 1)
        #expect(try await claim(0, in: store) == .claimed)
        clock.advance(by: .milliseconds(839_500))
        await #expect(throws: StoreError.self) { try await claim(1, in: store) }
        // The first is over, and the last look was half a second ago.
        clock.advance(by: .milliseconds(500))
        await #expect(throws: StoreError.self) { try await claim(1, in: store) }
        clock.advance(by: .milliseconds(500))
        #expect(try await claim(1, in: store) == .claimed)
    }

    @Test func `S12 what a flow granted is its workspace's, for as long as a ticket lives`() async throws {
        let bench = try await FlowBench()
        let clock = ManualClock()
        let store = TransientStore(skew: .seconds(60), now: { clock.now })
        let completion = FlowCompletion(
            settings: bench.deployment.settings, stateSealer: bench.deployment.stateSealer,
            credentialSealer: CredentialSealer(Sealer(bench.connectionsKeyring)), store: store,
            provider: bench.provider, logger: bench.logs.logger,
            now: { [clock = bench.deployment.clock] in clock.now })
        let flow = try bench.deployment.authorized()
        guard case .finished(.success(let id)) = await completion.complete(flow, binding: .confirmed) else {
            Issue.record("not completed")
            return
        }
        let workspaceID = Deployment.workspaceID
        let found = try #require(try await store.credentials(of: id, workspaceID: workspaceID))
        #expect(found.connection.binding == .confirmed && found.connection.flowID == flow.verified.flowID)
        #expect(try await store.credentials(of: id, workspaceID: "wsp_other") == nil)
        #expect(await completion.complete(flow, binding: .confirmed) == .finished(.success(id)))
        #expect(bench.endpoint.tokenCalls.count == 1)
        clock.advance(by: .seconds(179))
        #expect(try await store.credentials(of: id, workspaceID: workspaceID) != nil)
        clock.advance(by: .seconds(1))
        #expect(try await store.credentials(of: id, workspaceID: workspaceID) == nil)
        // The flow is remembered for longer: its code is not sent again.
        _ = try await store.purgeClaims(limit: 100)
        #expect(await completion.complete(flow, binding: .confirmed) == .finished(.success(id)))
        #expect(bench.endpoint.tokenCalls.count == 1 && store.flowCount == 1)
        clock.advance(by: .seconds(840))
        _ = try await store.purgeClaims(limit: 100)
        #expect(store.flowCount == 0)
    }
}
