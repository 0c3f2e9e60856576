import Access
import ConnectService
import Connections
import Integrations
import StateTokens
import Testing

@Suite("Refreshes that fail") struct RefreshFailureTests {
    private static let workspaceID = Deployment.workspaceID
    private let bench: FlowBench

    init() async throws { bench = try await FlowBench() }

    private func token(_ id: ConnectionID, isHasty: Bool = false) async throws(AccessTokenError) -> String {
        try await bench.accessTokens(isHasty: isHasty).current(id, workspaceID: Self.workspaceID).credentials
            .accessToken
    }

    /// A connection whose access token is over.
    private func expired() async throws -> ConnectionID {
        let id = try await bench.connect()
        bench.advance(by: .seconds(3_600))
        return id
    }

    private var calls: Int { bench.endpoint.tokenCalls.count - 1 }

    @Test func `S24 after invalid_grant the connection has expired, and nobody asks again`() async throws {
        let id = try await expired()
        bench.endpoint.answer(Grant.error("invalid_grant"))
        await #expect(throws: AccessTokenError.reconnectRequired) { try await token(id) }
        let found = try await bench.read(id)
        #expect(found.connection.status == .expired)
        #expect(found.connection.statusReason == "The provider no longer accepts the refresh token.")
        #expect(found.credentials.refreshToken == "refresh-1")
        bench.advance(by: .seconds(3_600))
        bench.endpoint.answer(.json(Grant.json(token: "access-2")))
        await #expect(throws: AccessTokenError.reconnectRequired) { try await token(id) }
        #expect(calls == 1)
    }

    @Test(arguments: ["invalid_client", "unauthorized_client", "invalid_request", "invalid_scope"])
    func `another refusal is the provider's error, and shows in the status`(_ code: String) async throws {
        let id = try await expired()
        bench.endpoint.answer(Grant.error(code))
        await #expect(throws: AccessTokenError.providerError(retryAfter: 10)) { try await token(id) }
        #expect(try await bench.read(id).connection.status == .error)
        bench.advance(by: .seconds(10))
        bench.endpoint.answer(.json(Grant.json(token: "access-2")))
        #expect(try await token(id) == "access-2")
        #expect(try await bench.read(id).connection.status == .active)
    }

    @Test(arguments: [
        (TokenEndpoint.Answer.json("{}", status: 500), AccessTokenError.providerError(retryAfter: 10)),
        (.json("{}", status: 429), .providerError(retryAfter: 10)),
        (.json("<html>"), .providerError(retryAfter: 10)),
        (.json("{}"), .providerError(retryAfter: 10)), (.garbage, .providerError(retryAfter: 10)),
        (.hang, .providerTimeout), (.slow(.seconds(1), .json(Grant.json())), .providerTimeout),
    ])
    func `an unknown outcome leaves the connection as it is`(
        _ answer: TokenEndpoint.Answer, _ expected: AccessTokenError
    ) async throws {
        let id = try await expired()
        let before = try await bench.read(id)
        bench.endpoint.answer(answer)
        await #expect(throws: expected) { try await token(id, isHasty: expected == .providerTimeout) }
        let after = try await bench.read(id)
        #expect(after.connection == before.connection)
        #expect(after.credentials == before.credentials)
    }

    @Test func `S28 nobody asks the provider while it cools down`() async throws {
        let id = try await expired()
        bench.endpoint.answer(.json("{}", status: 500))
        await #expect(throws: AccessTokenError.providerError(retryAfter: 10)) { try await token(id) }
        bench.endpoint.answer(.json(Grant.json(token: "access-2")))
        bench.advance(by: .seconds(3))
        for _ in 0..<5 {
            await #expect(throws: AccessTokenError.providerError(retryAfter: 7)) { try await token(id) }
        }
        #expect(calls == 1)
        bench.advance(by: .seconds(7))
        #expect(try await token(id) == "access-2")
        #expect(calls == 2)
    }

    @Test func `a token that still lives is handed out while the provider cools down`() async throws {
        let id = try await bench.connect()
        bench.advance(by: .seconds(3_545))
        bench.endpoint.answer(.json("{}", status: 500))
        for _ in 0..<3 { #expect(try await token(id) == "access-1") }
        #expect(calls == 1)
    }

    @Test func `whoever insists on a refresh is not put off with the old token`() async throws {
        let id = try await bench.connect()
        bench.endpoint.answer(.json("{}", status: 500))
        for _ in 0..<2 {
            await #expect(throws: AccessTokenError.providerError(retryAfter: 10)) {
                try await bench.accessTokens().current(id, workspaceID: Self.workspaceID, isForced: true)
            }
        }
        #expect(calls == 1)
    }

    @Test func `a token that still lives is not handed out when its grant is over`() async throws {
        let id = try await bench.connect()
        bench.advance(by: .seconds(3_545))
        bench.endpoint.answer(Grant.error("invalid_grant"))
        await #expect(throws: AccessTokenError.reconnectRequired) { try await token(id) }
    }

    @Test func `a token that still lives is handed out when the provider fails`() async throws {
        let id = try await bench.connect()
        bench.advance(by: .seconds(3_545))
        bench.endpoint.answer(.hang)
        #expect(try await token(id, isHasty: true) == "access-1")
    }

    @Test(arguments: [
        StoreStep.credentials, .beginRefresh, .finishRefresh,
    ])
    func `S30 a store that is away is unavailable`(_ step: StoreStep) async throws {
        let id = try await expired()
        bench.endpoint.answer(.json(Grant.json(token: "access-2")))
        bench.faults.fail(step)
        await #expect(throws: AccessTokenError.storeUnavailable) { try await token(id) }
        #expect(calls == (step == .finishRefresh ? 1 : 0))
    }

    @Test func `an integration that has lost its client asks nobody to connect again`() async throws {
        let id = try await expired()
        var deployment = bench.deployment
        deployment.registry = try Deployment.registry(nil)
        let tokens = bench.accessTokens(of: deployment)
        let error = await #expect(throws: AccessTokenError.self) {
            try await tokens.current(id, workspaceID: Self.workspaceID)
        }
        #expect(error != .reconnectRequired)
        #expect(try await bench.read(id).connection.status == .active)
        bench.endpoint.answer(.json(Grant.json(token: "access-2")))
        bench.advance(by: .seconds(10))
        #expect(try await token(id) == "access-2")
    }
}
