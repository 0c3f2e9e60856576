#if PostgreSQL
import Connections
import ConnectionsTesting
import Testing

@testable import ConnectionsPostgreSQL

@Suite("PostgreSQL store, when something breaks") struct FaultTests {
    private let harness: PostgreSQLHarness

    init() async throws { harness = try await PostgreSQLHarness() }

    @Test(arguments: [
        "BEFORE INSERT ON connections", "AFTER INSERT ON connections", "BEFORE INSERT ON credentials",
        "AFTER INSERT ON credentials", "BEFORE UPDATE ON claims", "AFTER UPDATE ON claims",
    ])
    func `S21 a finish that breaks at any step leaves nothing`(_ step: String) async throws {
        let owner = try LeaseOwner.random()
        #expect(try await claim(owner) == .claimed)
        try await harness.tamper(
            """
            CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'fault'; END$$;
            CREATE TRIGGER fault \(step) FOR EACH ROW EXECUTE FUNCTION fault();
            """)
        let ending = FlowEnding.created(try Sample.connection(.random()), Sample.sealed())
        await #expect(throws: StoreError.self) {
            try await harness.store.finish(flow: Sample.flow(), owner: owner, as: ending)
        }
        try await harness.tamper("DROP FUNCTION fault CASCADE")
        #expect(try await claim(try .random()) == .pending(sameCode: true))
        #expect(try await harness.store.keyIDsInUse().isEmpty)
        let page = try await harness.store.connections(
            matching: ConnectionQuery(workspaceID: Sample.workspaceID))
        #expect(page.connections.isEmpty)
        #expect(try await harness.store.finish(flow: Sample.flow(), owner: owner, as: ending))
    }

    @Test func `S30 a store whose tables are gone says so and claims nothing`() async throws {
        try await harness.store.ping()
        try await harness.tamper("DROP TABLE claims")
        await #expect(throws: StoreError.self) { try await claim(.random()) }
        await #expect(throws: StoreError.self) { try await harness.store.ping() }
    }

    @Test func `connections that were ended while they lay idle fail no call`() async throws {
        try await harness.insertSample()
        try await harness.tamper(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'symbolon'")
        try await harness.insertSample()
        try await harness.tamper(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'symbolon'")
        let page = try await harness.store.connections(
            matching: ConnectionQuery(workspaceID: Sample.workspaceID))
        #expect(page.connections.count == 2)
    }

    private func claim(_ owner: LeaseOwner) async throws -> ClaimResult {
        try await harness.store.claim(
            flow: Sample.flow(), codeHash: Sample.code(), owner: owner, lease: Sample.lease,
            keep: Sample.keep)
    }
}
#endif
