import Access
import ConnectService
import Connections
import Integrations
import StateTokens
import Testing

@Suite("AccessTokens") struct AccessTokensTests {
    private static let workspaceID = Deployment.workspaceID
    private let bench: FlowBench

    init() async throws { bench = try await FlowBench() }

    private func token(
        _ id: ConnectionID, isForced: Bool = false
    ) async throws(AccessTokenError) -> String {
        try await bench.accessTokens().current(id, workspaceID: Self.workspaceID, isForced: isForced)
            .credentials.accessToken
    }

    private var calls: Int { bench.endpoint.tokenCalls.count { $0.fields["grant_type"] == "refresh_token" } }

    // MARK: When

    @Test func `a token that is good for more than a minute is handed out as it is`() async throws {
        let id = try await bench.connect()
        bench.advance(by: .seconds(3_539))
        #expect(try await token(id) == "access-1")
        #expect(calls == 0)
    }

    @Test func `a token that ends within a minute is refreshed`() async throws {
        let id = try await bench.connect()
        bench.endpoint.answer(.json(Grant.json(token: "access-2", refresh: "refresh-2", expiresIn: 1_800)))
        bench.advance(by: .seconds(3_540))
        #expect(try await token(id) == "access-2")
        let call = try #require(bench.endpoint.tokenCalls.last)
        #expect(call.fields["grant_type"] == "refresh_token")
        #expect(call.fields["refresh_token"] == "refresh-1")
        let found = try await bench.read(id)
        #expect(found.credentials.refreshToken == "refresh-2", "a rotated refresh token is kept")
        #expect(found.connection.expiresAt == bench.deployment.clock.now + .seconds(1_800))
        #expect(found.connection.lastRefreshedAt != nil)
        #expect(try await token(id) == "access-2")
        #expect(calls == 1)
    }

    @Test func `a refresh token that the answer leaves out stays`() async throws {
        let id = try await bench.connect()
        bench.endpoint.answer(.json(Grant.json(token: "access-2", refresh: nil)))
        #expect(try await token(id, isForced: true) == "access-2")
        #expect(try await bench.read(id).credentials.refreshToken == "refresh-1")
    }

    @Test func `a token that is not due is refreshed if it has to be`() async throws {
        let id = try await bench.connect()
        bench.endpoint.answer(.json(Grant.json(token: "access-2")))
        #expect(try await token(id, isForced: true) == "access-2")
        #expect(calls == 1)
    }

    @Test(arguments: [(300, "access-2"), (301, "access-3"), (31_536_000, "access-3")])
    func `a token that was issued while the clock was ahead is refreshed when it is set right`(
        _ seconds: Int, _ expected: String
    ) async throws {
        let id = try await bench.connect()
        bench.advance(by: .seconds(seconds))
        bench.endpoint.answer(.json(Grant.json(token: "access-2", refresh: "refresh-2")))
        #expect(try await token(id, isForced: true) == "access-2")
        bench.advance(by: .seconds(-seconds))
        bench.endpoint.answer(.json(Grant.json(token: "access-3", refresh: "refresh-3")))
        for _ in 0..<2 { #expect(try await token(id) == expected) }
        #expect(calls == (expected == "access-3" ? 2 : 1))
    }

    @Test func `a token without an end is never due`() async throws {
        let id = try await bench.connect(Grant.json(expiresIn: nil))
        bench.advance(by: .seconds(1_000_000_000))
        #expect(try await token(id) == "access-1")
        #expect(calls == 0)
    }

    @Test func `without a refresh token the access token lives to its end`() async throws {
        let id = try await bench.connect(Grant.json(refresh: nil))
        bench.advance(by: .seconds(3_599))
        #expect(try await token(id) == "access-1")
        bench.advance(by: .seconds(1))
        await #expect(throws: AccessTokenError.reconnectRequired) { try await token(id) }
        await #expect(throws: AccessTokenError.reconnectRequired) { try await token(id, isForced: true) }
        #expect(calls == 0)
    }

    // MARK: Whose

    @Test func `S22 another workspace's connection is not found`() async throws {
        let id = try await bench.connect()
        for workspaceID in ["wsp_other", "", Self.workspaceID + " ", Self.workspaceID.uppercased()] {
            for isForced in [false, true] {
                await #expect(throws: AccessTokenError.notFound) {
                    try await bench.accessTokens().current(id, workspaceID: workspaceID, isForced: isForced)
                }
            }
        }
        await #expect(throws: AccessTokenError.notFound) { try await token(try ConnectionID.random()) }
        #expect(calls == 0)
    }

    @Test func `S33 a row that does not open is unreadable`() async throws {
        let id = try await bench.connect()
        let keyID = try TestKeys.key(9).id
        bench.connectionsKeyring.replace(with: try TestKeys.ring([TestKeys.key(8)], purpose: .connections))
        await #expect(throws: AccessTokenError.sealed(.unopened(.unknownKey(keyID)))) {
            try await token(id)
        }
        bench.connectionsKeyring.replace(
            with: try TestKeys.ring([TestKeys.key(9, status: .disabled)], purpose: .connections))
        await #expect(throws: AccessTokenError.sealed(.unopened(.disabledKey(keyID)))) {
            try await token(id, isForced: true)
        }
        #expect(calls == 0)
        #expect(!bench.logs.text.contains("access-1"))
    }

    // MARK: Once

    @Test func `S24 twenty simultaneous callers on two replicas send one refresh request`() async throws {
        let id = try await bench.connect()
        bench.advance(by: .seconds(3_600))
        bench.endpoint.answer(
            .slow(.milliseconds(300), .json(Grant.json(token: "access-2", refresh: "refresh-2"))))
        let replicas = [bench.accessTokens(), bench.accessTokens(over: try bench.replica())]
        let tokens = try await withThrowingTaskGroup(of: String.self) { group in
            for caller in 0..<20 {
                group.addTask {
                    try await replicas[caller % 2].current(id, workspaceID: Self.workspaceID).credentials
                        .accessToken
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(tokens == [String](repeating: "access-2", count: 20))
        #expect(calls == 1)
        #expect(try await bench.read(id).credentials.refreshToken == "refresh-2")
    }

    @Test func `S24 a caller that goes away loses no rotated refresh token`() async throws {
        let id = try await bench.connect()
        bench.endpoint.answer(
            .slow(.milliseconds(200), .json(Grant.json(token: "access-2", refresh: "refresh-2"))))
        let tokens = bench.accessTokens()
        let caller = Task { try await tokens.current(id, workspaceID: Self.workspaceID, isForced: true) }
        try await bench.endpoint.received(2)
        caller.cancel()
        _ = await caller.result
        #expect(try await bench.read(id).credentials.refreshToken == "refresh-2")
    }

    @Test func `S24 a store that is away for a moment loses no rotated refresh token`() async throws {
        let id = try await bench.connect()
        bench.endpoint.answer(.json(Grant.json(token: "access-2", refresh: "refresh-2")))
        bench.faults.fail(.finishRefresh, times: 2)
        #expect(try await token(id, isForced: true) == "access-2")
        #expect(try await bench.read(id).credentials.refreshToken == "refresh-2")
        #expect(calls == 1)
    }

    @Test func `S24 after invalid_grant the row is read again before giving up`() async throws {
        let id = try await bench.connect()
        bench.endpoint.answer(
            .after(
                { [bench] in try await bench.replaceCredentials(of: id, with: "access-9") },
                Grant.error("invalid_grant")))
        #expect(try await token(id, isForced: true) == "access-9")
        #expect(try await bench.read(id).connection.status == .active)
    }

    @Test func `S24 a refresh that comes back late does not replace a newer grant`() async throws {
        let id = try await bench.connect()
        bench.endpoint.answer(
            .after(
                { [bench] in try await bench.replaceCredentials(of: id, with: "access-9") },
                .json(Grant.json(token: "access-2", refresh: "refresh-2"))))
        #expect(try await token(id, isForced: true) == "access-9")
        #expect(try await bench.read(id).credentials.accessToken == "access-9")
    }
}

extension FlowBench {
    /// What another replica's refresh does.
    func replaceCredentials(of id: ConnectionID, with accessToken: String) async throws {
        let found = try await read(id)
        let credentials = Credentials(
            accessToken: accessToken, refreshToken: "refresh-9", tokenType: "Bearer",
            expiresAt: deployment.clock.now + .seconds(3_600), scope: nil, idToken: nil, raw: "{}")
        let sealed = try CredentialSealer(Sealer(connectionsKeyring)).seal(
            credentials,
            at: CredentialLocation(workspaceID: found.connection.workspaceID, connectionID: id),
            now: deployment.clock.now)
        let isReplaced = try await store.finishRefresh(
            id, workspaceID: found.connection.workspaceID,
            ifCredentialsRevision: found.connection.credentialsRevision,
            with: RefreshedGrant(credentials: sealed, expiresAt: credentials.expiresAt))
        if !isReplaced { throw StoreError.revisionConflict }
    }
}
