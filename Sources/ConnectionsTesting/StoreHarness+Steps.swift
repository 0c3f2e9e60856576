package import Connections
import StateTokens
import Testing

/// The steps that many cases begin with.
extension StoreHarness {
    func claim(
        _ flow: FlowID, _ code: CodeHash, owner: LeaseOwner, lease: Duration = Sample.lease
    ) async throws -> ClaimResult {
        try await store.claim(flow: flow, codeHash: code, owner: owner, lease: lease, keep: Sample.keep)
    }

    /// Claims a flow for a new owner, who holds it then.
    func holdFlow(_ flow: FlowID, _ code: CodeHash) async throws -> LeaseOwner {
        let owner = try LeaseOwner.random()
        #expect(try await claim(flow, code, owner: owner) == .claimed)
        return owner
    }

    /// Claims a flow for a code that the provider then refuses.
    func refuse(_ code: CodeHash, of flow: FlowID) async throws {
        let owner = try await holdFlow(flow, code)
        #expect(try await store.release(flow: flow, owner: owner))
    }

    /// Inserts a connection through a flow of its own.
    @discardableResult
    package func insert(
        _ connection: NewConnection, _ credentials: SealedCredentials = Sample.sealed(),
        over other: Store? = nil
    ) async throws -> ConnectionID {
        let flow = try #require(FlowID(octets: try LeaseOwner.random().octets))
        let owner = try await holdFlow(flow, try Sample.code())
        #expect(
            try await (other ?? store).finish(
                flow: flow, owner: owner, as: .created(connection, credentials)))
        return connection.id
    }

    /// Inserts the sample connection.
    @discardableResult
    package func insertSample(_ credentials: SealedCredentials = Sample.sealed()) async throws -> ConnectionID
    {
        try await insert(try Sample.connection(.random()), credentials)
    }

    func stored(_ id: ConnectionID) async throws -> SealedConnection {
        try #require(try await store.credentials(of: id, workspaceID: Sample.workspaceID))
    }

    func beginRefresh(
        _ id: ConnectionID, owner: LeaseOwner, ifCredentialsRevision: Int64 = 1
    ) async throws -> RefreshStart {
        try await store.beginRefresh(
            id, workspaceID: Sample.workspaceID, ifCredentialsRevision: ifCredentialsRevision, owner: owner,
            lease: Sample.lease)
    }

    func finishRefresh(
        _ id: ConnectionID, ifCredentialsRevision: Int64 = 1, with text: String = "refreshed"
    ) async throws -> Bool {
        try await store.finishRefresh(
            id, workspaceID: Sample.workspaceID, ifCredentialsRevision: ifCredentialsRevision,
            with: RefreshedGrant(credentials: Sample.sealed(text, key: 2), expiresAt: nil))
    }

    func failRefresh(
        _ id: ConnectionID, owner: LeaseOwner, status: ConnectionChanges.Status? = nil,
        cooldown: Duration = .seconds(10)
    ) async throws -> Bool {
        try await store.failRefresh(
            id, workspaceID: Sample.workspaceID, owner: owner, status: status, cooldown: cooldown)
    }
}
