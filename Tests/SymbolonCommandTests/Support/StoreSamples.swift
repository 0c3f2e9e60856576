import Connections
import ConnectionsSQLite
import ConnectionsTesting
import StateTokens
import TestSupport
import Testing

/// A store in a folder, with connections whose credentials are really sealed.
struct StoreSamples {
    let store: SQLiteConnectionStore

    init(in folder: TemporaryFolder) throws {
        store = try SQLiteConnectionStore(path: folder.path(of: "store.sqlite"))
    }

    static func credentials(_ number: Int) -> Credentials {
        Credentials(
            accessToken: "access-\(number)", refreshToken: "refresh-\(number)", tokenType: "Bearer",
            expiresAt: nil, scope: nil, idToken: nil, raw: "{}")
    }

    /// A sealer with this key alone.
    static func sealer(_ key: Key) throws -> CredentialSealer {
        let enabled = Key(id: key.id, material: key.material, created: key.created, activates: key.created)
        return CredentialSealer(
            Sealer(
                KeyringReference(
                    try Keyring(purpose: .connections, deploymentID: "d_test", keys: [enabled]))))
    }

    /// Puts connections in, sealed under a key.
    @discardableResult
    func insert(_ count: Int, under key: Key, workspaceID: String = "wsp_1") async throws -> [ConnectionID] {
        let sealer = try Self.sealer(key)
        var ids: [ConnectionID] = []
        for number in 0..<count {
            let id = try ConnectionID.random()
            let location = CredentialLocation(workspaceID: workspaceID, connectionID: id)
            let sealed = try sealer.seal(Self.credentials(number), at: location, now: .now())
            let owner = try LeaseOwner.random()
            let flow = try #require(FlowID(octets: owner.octets))
            _ = try await store.claim(
                flow: flow, codeHash: Sample.code(), owner: owner, lease: .seconds(60), keep: .seconds(60))
            let connection = try Sample.connection(id, workspaceID: workspaceID)
            #expect(try await store.finish(flow: flow, owner: owner, as: .created(connection, sealed)))
            ids.append(id)
        }
        return ids
    }
}
