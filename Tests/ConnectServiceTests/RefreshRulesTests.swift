import ConnectService
import Connections
import Encodings
import Integrations
import StateTokens
import Testing

@Suite("When a token is refreshed") struct RefreshRulesTests {
    private static let workspaceID = Deployment.workspaceID
    private let bench: FlowBench

    init() async throws { bench = try await FlowBench() }

    @discardableResult
    private func token(
        _ id: ConnectionID, isForced: Bool = false, of deployment: Deployment? = nil
    ) async throws(AccessTokenError) -> OpenConnection {
        try await bench.accessTokens(of: deployment).current(
            id, workspaceID: Self.workspaceID, isForced: isForced)
    }

    private var calls: Int { bench.endpoint.tokenCalls.count { $0.fields["grant_type"] == "refresh_token" } }

    private func status(_ id: ConnectionID) async throws -> ConnectionStatus {
        try await bench.read(id).connection.status
    }

    // MARK: What cannot be kept

    @Test(arguments: [
        #","scope":"read\u0000write""#, #","scope":["read\nwrite"]"#, #","token_type":"Bea\u0007rer""#,
        #","id_token":"a\u0000b""#,
    ])
    func `a rotated token is kept though text beside it cannot be`(_ more: String) async throws {
        let id = try await bench.connect(Grant.json(more: #","scope":"read write""#))
        let answer = Grant.json(token: "access-2", refresh: "refresh-2", more: more)
            .replacing(
                #""token_type":"Bearer","#,
                with: more.contains("token_type") ? "" : #""token_type":"Bearer","#)
        bench.endpoint.answer(.json(answer))
        let found = try await token(id, isForced: true)
        #expect(found.credentials.accessToken == "access-2" && found.credentials.refreshToken == "refresh-2")
        #expect(found.credentials.tokenType == "Bearer" && found.credentials.idToken == nil)
        #expect(found.connection.scopesGranted == ["read", "write"])
        #expect(bench.logs.text.contains("without the parts that cannot be kept"))
    }

    @Test func `S28 too many scopes at a refresh do not lose the token`() async throws {
        let id = try await bench.connect(Grant.json(more: #","scope":"read""#))
        let scopes = String(repeating: "s ", count: 5_000)
        bench.endpoint.answer(
            .json(Grant.json(token: "access-2", refresh: "refresh-2", more: #","scope":"\#(scopes)""#)))
        let found = try await token(id, isForced: true)
        #expect(found.credentials.refreshToken == "refresh-2")
        #expect(found.connection.scopesGranted == ["read"])
    }

    @Test func `a response without an access token extends the one from before, where the entry says so`()
        async throws
    {
        let bench = try await FlowBench("refresh: {keeps_access_token: true}")
        let id = try await bench.connect(Grant.json(expiresIn: 60))
        bench.endpoint.answer(.json(#"{"expires_in":7200,"refresh_token":"refresh-2"}"#))
        let found = try await bench.accessTokens().current(id, workspaceID: Self.workspaceID, isForced: true)
        #expect(found.credentials.accessToken == "access-1" && found.credentials.refreshToken == "refresh-2")
        #expect(found.connection.expiresAt == bench.deployment.clock.now + .seconds(7_200))
    }

    @Test(arguments: ["", "refresh: {keeps_access_token: false}"])
    func `elsewhere a response without an access token is no refresh`(_ extra: String) async throws {
        let bench = try await FlowBench(extra)
        let id = try await bench.connect(Grant.json())
        bench.endpoint.answer(.json(#"{"expires_in":7200}"#))
        await #expect(throws: AccessTokenError.self) {
            try await bench.accessTokens().current(id, workspaceID: Self.workspaceID, isForced: true)
        }
    }

    @Test func `an access token that cannot be kept is no refresh`() async throws {
        let id = try await bench.connect(Grant.json())
        bench.endpoint.answer(.json(Grant.json(token: #"a\u0000b"#)))
        await #expect(throws: AccessTokenError.self) { try await token(id, isForced: true) }
        #expect(try await bench.read(id).credentials.accessToken == "access-1")
    }

    @Test(arguments: [false, true])
    func `S24 an integration without refresh is sent no refresh token, however it is asked for`(
        _ isForced: Bool
    )
        async throws
    {
        let none = try await FlowBench("refresh: {mode: none}")
        let id = try await none.connect(Grant.json())
        none.advance(by: .seconds(3_600))
        await #expect(throws: AccessTokenError.reconnectRequired) {
            try await none.accessTokens().current(id, workspaceID: Self.workspaceID, isForced: isForced)
        }
        #expect(none.endpoint.tokenCalls.count == 1, "the exchange's alone")
    }

    // MARK: Lifetimes

    @Test func `a short-lived token is refreshed in its last quarter, not at every read`() async throws {
        let id = try await bench.connect(Grant.json(expiresIn: 60))
        bench.advance(by: .seconds(44))
        #expect(try await token(id).credentials.accessToken == "access-1")
        bench.endpoint.answer(.json(Grant.json(token: "access-2", expiresIn: 60)))
        bench.advance(by: .seconds(1))
        for _ in 0..<5 { #expect(try await token(id).credentials.accessToken == "access-2") }
        #expect(calls == 1)
    }

    @Test func `a refresh that does not say how long the token lasts means as long as before`() async throws {
        let id = try await bench.connect(Grant.json(expiresIn: 1_800))
        for number in 2...4 {
            bench.endpoint.answer(.json(Grant.json(token: "access-\(number)", expiresIn: nil)))
            let found = try await token(id, isForced: true)
            #expect(found.credentials.expiresAt == bench.deployment.clock.now + .seconds(1_800))
            #expect(found.connection.expiresAt == found.credentials.expiresAt)
        }
    }

    @Test func `a token that says itself when it ends is believed where nothing else is known`() async throws
    {
        let id = try await bench.connect(Grant.json(expiresIn: nil))
        let end = bench.deployment.clock.now + .seconds(900)
        let claims = Base64URL.encode(Array(#"{"exp":\#(end.secondsSinceEpoch)}"#.utf8).span)
        bench.endpoint.answer(.json(Grant.json(token: "e30.\(claims).x", expiresIn: nil)))
        #expect(try await token(id, isForced: true).credentials.expiresAt == end)
    }

    @Test func `the first token is believed, too, and refreshed when it says that it ends`() async throws {
        let end = bench.deployment.clock.now + .seconds(3_600)
        let id = try await bench.connect(Grant.json(token: Self.token(endingAt: end), expiresIn: nil))
        let found = try await bench.read(id)
        #expect(found.credentials.expiresAt == end && found.connection.expiresAt == end)
        #expect(found.connection.facts.tokenLifetime == .seconds(3_600))
        bench.advance(by: .seconds(3_590))
        bench.endpoint.answer(.json(Grant.json(token: "access-2")))
        #expect(try await token(id).credentials.accessToken == "access-2")
    }

    @Test(arguments: [0, -60])
    func `a new token that says that it is over is believed by nobody`(_ seconds: Int) async throws {
        let end = bench.deployment.clock.now + .seconds(seconds)
        let id = try await bench.connect(Grant.json(token: Self.token(endingAt: end), expiresIn: nil))
        #expect(try await bench.read(id).credentials.expiresAt == nil)
    }

    private static func token(endingAt end: Timestamp) -> String {
        let claims = Base64URL.encode(Array(#"{"exp":\#(end.secondsSinceEpoch)}"#.utf8).span)
        return "e30.\(claims).x"
    }

    @Test func `an end that was only assumed refuses no token`() async throws {
        let id = try await bench.connect(Grant.json(expiresIn: 60))
        bench.endpoint.answer(.json(Grant.json(token: "access-2", expiresIn: nil)))
        try await token(id, isForced: true)
        bench.advance(by: .seconds(3_600))
        bench.endpoint.answer(.json("{}", status: 500))
        #expect(try await token(id).credentials.accessToken == "access-2")
    }

    @Test func `a token that is over and cannot be refreshed has expired, and the filter finds it`()
        async throws
    {
        func expired() async throws -> [ConnectionID] {
            try await bench.store.connections(
                matching: ConnectionQuery(
                    workspaceID: Self.workspaceID, status: .expired, now: bench.deployment.clock.now)
            ).connections.map(\.id)
        }
        let id = try await bench.connect(Grant.json(refresh: nil))
        #expect(try await expired().isEmpty)
        bench.advance(by: .seconds(3_600))
        #expect(try await expired() == [id], "without anyone having asked for the token")
        await #expect(throws: AccessTokenError.reconnectRequired) { try await token(id) }
        #expect(try await status(id) == .expired)
        #expect(try await expired() == [id])
    }

    // MARK: Errors

    @Test(arguments: ["interaction_required", "consent_required", "login_required"])
    func `where the user must act the connection wants to be renewed`(_ code: String) async throws {
        let id = try await bench.connect()
        bench.advance(by: .seconds(3_600))
        bench.endpoint.answer(Grant.error(code))
        await #expect(throws: AccessTokenError.reconnectRequired) { try await token(id) }
        #expect(try await status(id) == .expired)
    }

    @Test(arguments: ["temporarily_unavailable", "server_error", "slow_down"], [200, 400, 401, 503])
    func `a provider that is busy says nothing against the grant`(_ code: String, _ status: Int) async throws
    {
        let id = try await bench.connect()
        bench.advance(by: .seconds(3_600))
        bench.endpoint.answer(.json(#"{"error":"\#(code)"}"#, status: status))
        await #expect(throws: AccessTokenError.providerError(retryAfter: 10)) { try await token(id) }
        #expect(try await self.status(id) == .active)
    }

    @Test(arguments: [
        ("120", 120), ("3", 10), ("0", 10), ("999999", 3_600), ("soon", 10), ("-5", 10), ("", 10),
    ])
    func `the provider's Retry-After is told, and honoured within bounds`(
        _ header: String, _ seconds: Int
    ) async throws {
        let id = try await bench.connect()
        bench.advance(by: .seconds(3_600))
        bench.endpoint.answer(.later(header))
        await #expect(throws: AccessTokenError.providerError(retryAfter: seconds)) { try await token(id) }
        bench.endpoint.answer(.json(Grant.json(token: "access-2")))
        bench.advance(by: .seconds(seconds - 1))
        await #expect(throws: AccessTokenError.providerError(retryAfter: 1)) {
            try await token(id, isForced: true)
        }
        #expect(calls == 1)
        bench.advance(by: .seconds(1))
        #expect(try await token(id).credentials.accessToken == "access-2")
    }

    // MARK: Clients

    @Test func `S35 a grant of another client is not refreshed, and is none the worse for it`() async throws {
        let id = try await bench.connect()
        bench.advance(by: .seconds(3_600))
        bench.endpoint.answer(Grant.error("invalid_grant"))
        var other = bench.deployment
        other.registry = try Deployment.registry(
            Catalogs.sample(at: bench.endpoint.url), clientID: "client-of-staging")
        for isForced in [false, true] {
            await #expect(throws: AccessTokenError.notConfigured) {
                try await token(id, isForced: isForced, of: other)
            }
        }
        #expect(calls == 0)
        #expect(try await status(id) == .active)
        bench.endpoint.answer(.json(Grant.json(token: "access-2")))
        #expect(try await token(id).credentials.accessToken == "access-2")
    }

    @Test func `who insists asks again after the cooldown, whatever the provider said before`() async throws {
        let id = try await bench.connect()
        bench.endpoint.answer(Grant.error("invalid_grant"))
        await #expect(throws: AccessTokenError.reconnectRequired) { try await token(id, isForced: true) }
        bench.endpoint.answer(.json(Grant.json(token: "access-2")))
        await #expect(throws: AccessTokenError.providerError(retryAfter: 10)) {
            try await token(id, isForced: true)
        }
        bench.advance(by: .seconds(10))
        #expect(try await token(id, isForced: true).credentials.accessToken == "access-2")
        #expect(try await status(id) == .active)
    }

    @Test func `a row of an older version learns its client from a refresh`() async throws {
        let id = try await bench.connect()
        try await bench.tamper("UPDATE connections SET client = NULL")
        bench.endpoint.answer(.json(Grant.json(token: "access-2")))
        #expect(try await token(id, isForced: true).connection.facts.client != nil)
    }
}
