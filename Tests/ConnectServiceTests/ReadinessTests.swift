import Access
import ConnectService
import ConnectionsSQLite
import Foundation
import Keyrings
import StateTokens
import Testing

@Suite("Readiness") struct ReadinessTests {
    private let folder: TemporaryFolder
    private let store: SQLiteConnectionStore
    private let ring: Keyring

    init() throws {
        folder = try TemporaryFolder()
        store = try SQLiteConnectionStore(path: folder.path("store.sqlite"))
        ring = try Keyring.make(purpose: .state, at: TestKeys.start)
        try put(ring)
        try put(Keyring.make(purpose: .connections, at: TestKeys.start))
    }

    private func put(_ ring: Keyring) throws {
        try put(String(decoding: KeyringDocument.json(ring), as: UTF8.self), ring.purpose)
    }

    private func put(_ text: String, _ purpose: Keyring.Purpose) throws {
        let path = try folder.write(text, to: KeyringFile.name(for: purpose))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    private func live(_ purpose: Keyring.Purpose) throws -> LiveKeyring {
        try LiveKeyring(.path(folder.path(KeyringFile.name(for: purpose))), purpose: purpose)
    }

    private func readiness(
        _ state: LiveKeyring, _ connections: LiveKeyring, _ apiKeys: LiveAPIKeys = LiveAPIKeys([])
    ) throws -> Readiness<SQLiteConnectionStore> {
        Readiness(
            stateKeyring: state, connectionsKeyring: connections, apiKeys: apiKeys, store: store,
            integrations: try Deployment.registry(Catalogs.sample()), now: { TestKeys.start })
    }

    @Test func `a ring that was never replaced is whole`() async throws {
        let state = try live(.state)
        let report = try await readiness(state, live(.connections)).report()
        #expect(report.isReady && report.degraded.isEmpty)
        #expect(report.stateKeyring.digest == ring.digest)
        #expect(report.stateKeyring.sealingKey == ring.keys[0].id)
        #expect(report.stateKeyring.reloadedAt == nil && report.stateKeyring.problem == nil)
    }

    @Test func `S25 a bad file is named, and the replica stays ready with the ring before`() async throws {
        let (state, connections) = (try live(.state), try live(.connections))
        try put("{", .state)
        state.reload()
        let readiness = try readiness(state, connections)
        var report = await readiness.report()
        #expect(report.isReady && report.degraded == ["state_keyring_stale"])
        #expect(report.stateKeyring.problem == "invalid" && report.stateKeyring.digest == ring.digest)
        #expect(report.connectionsKeyring?.problem == nil)
        try put("{", .connections)
        connections.reload()
        report = await readiness.report()
        #expect(report.degraded == ["state_keyring_stale", "connections_keyring_stale"])
    }

    @Test func `a new ring shows with its digest, its next activation and the time it came`() async throws {
        let state = try live(.state)
        let readiness = try readiness(state, live(.connections))
        let key = try Key.make(created: TestKeys.start, activates: TestKeys.start + .seconds(660))
        let next = try Keyring(
            purpose: .state, deploymentID: ring.deploymentID, keys: ring.keys + [key])
        try put(next)
        state.reload()
        let report = await readiness.report()
        #expect(report.degraded.isEmpty && report.stateKeyring.digest == next.digest)
        #expect(report.stateKeyring.sealingKey == ring.keys[0].id)
        #expect(report.stateKeyring.nextActivation == TestKeys.start + .seconds(660))
        #expect(report.stateKeyring.reloadedAt != nil)
    }

    @Test func `without a key that seals it is not ready`() async throws {
        let key = Key(
            id: ring.keys[0].id, material: ring.keys[0].material, created: TestKeys.start,
            activates: TestKeys.start, status: .disabled)
        try put(Keyring(purpose: .state, deploymentID: ring.deploymentID, keys: [key]))
        let report = try await readiness(live(.state), live(.connections)).report()
        #expect(!report.isReady && report.degraded == ["state_keyring"])
    }

    @Test func `a log that cannot be written is named`() async throws {
        let readiness = Readiness(
            stateKeyring: try live(.state), connectionsKeyring: try live(.connections),
            apiKeys: LiveAPIKeys([]), store: store, integrations: try Deployment.registry(Catalogs.sample()),
            unwritableLogs: { ["audit_log"] }, now: { TestKeys.start })
        let report = await readiness.report()
        #expect(report.isReady && report.degraded == ["audit_log"] && report.storeProblem == nil)
    }

    @Test func `a bad file of API keys is named`() async throws {
        let apiKeys = LiveAPIKeys([], from: folder.path("nothing-here.json"))
        apiKeys.reload()
        let report = try await readiness(live(.state), live(.connections), apiKeys).report()
        #expect(report.isReady && report.degraded == ["api_keys_stale"])
    }
}
