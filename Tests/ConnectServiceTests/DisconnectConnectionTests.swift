import ConnectService
import Connections
import Integrations
import StateTokens
import Testing

@Suite("DisconnectConnection") struct DisconnectConnectionTests {
    private static let workspaceID = Deployment.workspaceID
    private let bench: FlowBench

    init() async throws { bench = try await FlowBench() }

    private func revocation(of id: ConnectionID) async throws -> RevocationOutcome? {
        try await bench.disconnect().end(id, workspaceID: Self.workspaceID)?.revocation
    }

    @Test func `a connection is deleted, and its refresh token revoked`() async throws {
        let id = try await bench.connect()
        #expect(try await revocation(of: id) == .revoked)
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["refresh-1"])
        #expect(try await bench.connections().isEmpty)
        let events = try await bench.store.events(of: id, workspaceID: Self.workspaceID)
        #expect(events?.map(\.type) == ["revoked", "deleted", "created"])
        #expect(try await bench.disconnect().end(id, workspaceID: Self.workspaceID) == nil)
        #expect(bench.endpoint.revocations.count == 1)
    }

    @Test func `without a refresh token the access token is revoked`() async throws {
        let id = try await bench.connect(Grant.json(refresh: nil))
        #expect(try await revocation(of: id) == .revoked)
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["access-1"])
    }

    @Test(arguments: ["", "wsp_other", "WSP_123456789", "wsp_123456789 "])
    func `S22 another workspace's connection is not there`(_ workspaceID: String) async throws {
        let id = try await bench.connect()
        #expect(try await bench.disconnect().end(id, workspaceID: workspaceID) == nil)
        #expect(bench.endpoint.revocations.isEmpty)
        #expect(try await bench.connections().count == 1)
    }

    @Test func `credentials that do not open are deleted and not revoked`() async throws {
        let id = try await bench.connect()
        bench.connectionsKeyring.replace(with: try TestKeys.ring([TestKeys.key(8)], purpose: .connections))
        #expect(try await revocation(of: id) == .notPossible)
        #expect(bench.endpoint.revocations.isEmpty)
        #expect(try await bench.connections().isEmpty)
    }

    @Test func `S21 a caller that goes away does not leave the grant alive`() async throws {
        let id = try await bench.connect()
        bench.endpoint.slowRevocations(.milliseconds(300))
        let disconnect = bench.disconnect()
        let caller = Task { try await disconnect.end(id, workspaceID: Self.workspaceID) }
        try await bench.endpoint.received(2)
        caller.cancel()
        #expect(try await caller.value?.revocation == .revoked)
    }

    // MARK: Others

    /// A second connection, which lives by the same grant if it names the same account.
    private func second(_ account: String?, userID: String? = nil) async throws -> ConnectionID {
        try await bench.connect(
            Grant.json(token: "access-2", refresh: "refresh-2", account: account), code: "second",
            userID: userID)
    }

    @Test func `S45 a grant that another connection lives by is not revoked, and the answer names it`()
        async throws
    {
        let first = try await bench.connect()
        let other = try await second("account-1")
        let done = try await bench.disconnect().end(first, workspaceID: Self.workspaceID)
        #expect(done == Disconnection(revocation: .shared, others: [other]))
        #expect(bench.endpoint.revocations.isEmpty)
        // The last one takes the grant with it.
        #expect(try await revocation(of: other) == .revoked)
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["refresh-2"])
    }

    @Test func `another account's connection is no reason to keep a grant`() async throws {
        let first = try await bench.connect()
        _ = try await second("account-2")
        #expect(try await revocation(of: first) == .revoked)
    }

    @Test func `S45 an account that is not named may be any, unless the users are two`() async throws {
        let unnamed = try await bench.connect(Grant.json(account: nil), userID: "user_1")
        let stranger = try await second("account-1", userID: "user_2")
        #expect(try await revocation(of: unnamed) == .revoked)
        let unnamed2 = try await bench.connect(Grant.json(account: nil), code: "third", userID: nil)
        let done = try await bench.disconnect().end(unnamed2, workspaceID: Self.workspaceID)
        #expect(done == Disconnection(revocation: .shared, others: [stranger]))
    }

    @Test func `S45 another workspace's connection keeps the grant alive, and is not named`() async throws {
        let first = try await bench.connect()
        let other = try await second("account-1")
        try await bench.tamper("UPDATE connections SET workspace_id = 'wsp_other' WHERE id = '\(other)'")
        let done = try await bench.disconnect().end(first, workspaceID: Self.workspaceID)
        #expect(done == Disconnection(revocation: .shared, others: []))
    }

    @Test func `S45 of two connections deleted at once the last takes the grant with it`() async throws {
        let first = try await bench.connect()
        let other = try await second("account-1")
        let disconnect = bench.disconnect()
        async let one = disconnect.end(first, workspaceID: Self.workspaceID)
        async let two = disconnect.end(other, workspaceID: Self.workspaceID)
        let results = try await [one?.revocation, two?.revocation]
        #expect(results.count { $0 == .revoked } == 1)
        #expect(results.count { $0 == .shared } == 1)
    }

    @Test func `where a revocation ends one token, others are no matter`() async throws {
        let bench = try await FlowBench("revocation: {ends: token}")
        let first = try await bench.connect()
        _ = try await bench.connect(code: "second")
        let done = try await bench.disconnect().end(first, workspaceID: Self.workspaceID)
        #expect(done?.revocation == .revoked)
    }

    @Test func `who asks for it keeps the grant`() async throws {
        let id = try await bench.connect()
        let done = try await bench.disconnect().end(id, workspaceID: Self.workspaceID, revokes: false)
        #expect(done == Disconnection(revocation: .notPossible, others: []))
        #expect(bench.endpoint.revocations.isEmpty)
        #expect(try await bench.connections().isEmpty)
    }

    @Test func `another client's grant is not revoked by this one's credentials`() async throws {
        let id = try await bench.connect()
        try await bench.tamper("UPDATE connections SET client = zeroblob(16)")
        #expect(try await revocation(of: id) == .notPossible)
        #expect(bench.endpoint.revocations.isEmpty)
    }

    // MARK: Refreshes

    @Test func `S21 a deletion during a refresh waits for its tokens and revokes them`() async throws {
        let id = try await bench.connect()
        bench.endpoint.answer(
            .slow(.milliseconds(500), .json(Grant.json(token: "access-2", refresh: "refresh-2"))))
        let tokens = bench.accessTokens()
        let refresh = Task { try await tokens.current(id, workspaceID: Self.workspaceID, isForced: true) }
        try await bench.endpoint.received(2)
        #expect(try await revocation(of: id) == .revoked)
        _ = await refresh.result
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["refresh-2"])
    }

    @Test func `S21 a refresh whose connection is gone revokes what it got`() async throws {
        let id = try await bench.connect()
        bench.endpoint.answer(
            .after(
                { [bench] in _ = try await bench.store.delete(id, workspaceID: Self.workspaceID) },
                .json(Grant.json(token: "access-2", refresh: "refresh-2"))))
        await #expect(throws: AccessTokenError.notFound) {
            try await bench.accessTokens().current(id, workspaceID: Self.workspaceID, isForced: true)
        }
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["refresh-2"])
    }
}
