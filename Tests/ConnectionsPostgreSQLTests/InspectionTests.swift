#if PostgreSQL
import Connections
import ConnectionsTesting
import StateTokens
import TestSupport
import Testing

@testable import ConnectionsPostgreSQL

@Suite("PostgreSQL store that is looked at") struct InspectionTests {
    private let harness: PostgreSQLHarness
    private let keyring: Keyring

    init() async throws {
        harness = try await PostgreSQLHarness()
        let made = Timestamp.now() - .seconds(1_000_000)
        keyring = try Keyring(
            purpose: .connections, deploymentID: "d_test",
            keys: [Key(id: KeyID(rawValue: 1), material: .random(), created: made, activates: made)])
    }

    private func insert(_ count: Int) async throws -> [ConnectionID] {
        let sealer = CredentialSealer(Sealer(KeyringReference(keyring)))
        var ids: [ConnectionID] = []
        for number in 0..<count {
            let id = try ConnectionID.random()
            let credentials = Credentials(
                accessToken: "access-\(number)", refreshToken: nil, tokenType: "Bearer", expiresAt: nil,
                scope: nil, idToken: nil, raw: "{}")
            let location = CredentialLocation(workspaceID: Sample.workspaceID, connectionID: id)
            try await harness.store.insert(
                Sample.connection(id), sealer.seal(credentials, at: location, now: .now()))
            ids.append(id)
        }
        return ids
    }

    private func inspect(_ count: Int?) async throws -> StoreInspection {
        try await PostgreSQLConnectionStore.inspect(
            ServerAddress(harness.url), opening: StoreInspection.Sample(count: count, keyring: keyring))
    }

    @Test func `as many rows are opened as are asked for, and each in its own place only`() async throws {
        let ids = try await insert(7)
        let all = try await inspect(nil)
        #expect(all.version == Schema.versions.count && all.pendingCount == 0 && all.problems == nil)
        #expect(all.connectionCount == 7 && all.openedCount == 7 && all.faults.isEmpty)
        #expect(all.keysInUse.ids == [KeyID(rawValue: 1)])
        #expect(try await inspect(3).openedCount == 3)
        #expect(
            try await PostgreSQLConnectionStore.inspect(ServerAddress(harness.url), opening: nil).sampleCount
                == 0)
        try await harness.tamper(
            """
            UPDATE credentials SET sealed = (SELECT sealed FROM credentials WHERE connection_id = '\(ids[0])')
            WHERE connection_id = '\(ids[1])'; DELETE FROM credentials WHERE connection_id = '\(ids[2])';
            """)
        let moved = try await inspect(nil)
        #expect(moved.openedCount == 5 && Set(moved.faults.map(\.connectionID)) == [ids[1], ids[2]])
    }

    @Test func `a database without tables is no store, and stays without`() async throws {
        let server = try await PostgreSQLHarness.server.value
        let url = try await server.makeSchema()
        let found = try await PostgreSQLConnectionStore.inspect(ServerAddress(url), opening: nil)
        #expect(found.version == 0 && found.problems?.isEmpty == false)
        #expect(
            try await server.query(
                "SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()", at: url)
                == "0")
    }
}
#endif
