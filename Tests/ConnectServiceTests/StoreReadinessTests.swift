import Access
import ConnectService
import ConnectionsSQLite
import Keyrings
import StateTokens
import Testing

@Suite("Readiness of the store") struct StoreReadinessTests {
    private let folder: TemporaryFolder
    private let faults = StoreFaults()
    private let readiness: Readiness<FaultyStore<SQLiteConnectionStore>>

    init() throws {
        folder = try TemporaryFolder()
        let store = FaultyStore(
            base: try SQLiteConnectionStore(path: folder.path("store.sqlite")), faults: faults)
        let (state, connections) = (
            try Keyring.make(purpose: .state, at: TestKeys.start),
            try Keyring.make(purpose: .connections, at: TestKeys.start)
        )
        readiness = Readiness(
            stateKeyring: LiveKeyring(state, from: .json("")),
            connectionsKeyring: LiveKeyring(connections, from: .json("")), apiKeys: LiveAPIKeys([]),
            store: store, integrations: try Deployment.registry(Catalogs.sample()),
            now: { TestKeys.start })
    }

    @Test func `S30 a store that is away is named, and the replica stays ready`() async throws {
        faults.fail(.ping, times: 1)
        let report = await readiness.report()
        #expect(report.isReady && report.degraded == ["store"])
        #expect(report.storeProblem == "unavailable")
        #expect(await readiness.report().degraded.isEmpty, "it is back by itself")
    }

    @Test func `S30 a store that hangs makes nobody wait who asks for readiness`() async throws {
        faults.stall(for: .seconds(60))
        let began = ContinuousClock.now
        for _ in 0..<3 {
            let report = await readiness.report()
            #expect(report.isReady && report.degraded == ["store"] && report.storeProblem == "timed_out")
        }
        #expect(began.duration(to: .now) < .seconds(30))
    }
}
