import Connections
import ConnectionsTesting
import Testing

@testable import ConnectionsSQLite

@Suite("SQLite store, when something breaks") struct FaultTests {
    private let harness: SQLiteHarness

    init() throws { harness = try SQLiteHarness() }

    @Test(arguments: [
        "BEFORE INSERT ON connections", "AFTER INSERT ON connections", "BEFORE INSERT ON credentials",
        "AFTER INSERT ON credentials", "BEFORE UPDATE ON claims", "AFTER UPDATE ON claims",
    ])
    func `S21 a finish that breaks at any step leaves nothing`(_ step: String) async throws {
        let owner = try LeaseOwner.random()
        let claimed = try await claim(owner)
        #expect(claimed == .claimed)
        try harness.tamper("CREATE TRIGGER fault \(step) BEGIN SELECT RAISE(ABORT, 'fault'); END")
        let ending = FlowEnding.created(try Sample.connection(.random()), Sample.sealed())
        await #expect(throws: StoreError.self) {
            try await harness.store.finish(flow: Sample.flow(), owner: owner, as: ending)
        }
        try harness.tamper("DROP TRIGGER fault")
        #expect(try await claim(try .random()) == .pending(sameCode: true))
        #expect(try await harness.store.keyIDsInUse().isEmpty)
        let page = try await harness.store.connections(
            matching: ConnectionQuery(workspaceID: Sample.workspaceID))
        #expect(page.connections.isEmpty)
        #expect(try await harness.store.finish(flow: Sample.flow(), owner: owner, as: ending))
    }

    @Test func `S30 a store whose tables are gone says so and claims nothing`() async throws {
        try harness.tamper("DROP TABLE claims")
        await #expect(throws: StoreError.self) { try await claim(.random()) }
        await #expect(throws: StoreError.self) { try await harness.store.ping() }
    }

    private func claim(_ owner: LeaseOwner) async throws -> ClaimResult {
        try await harness.store.claim(
            flow: Sample.flow(), codeHash: Sample.code(), owner: owner, lease: Sample.lease,
            keep: Sample.keep)
    }
}
