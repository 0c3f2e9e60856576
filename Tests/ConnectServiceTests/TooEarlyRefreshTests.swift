import Connections
import ConnectionsSQLite
import OAuth
import StateTokens
import Testing

@testable import ConnectService

@Suite("A refresh that comes too early") struct TooEarlyRefreshTests {
    private static let workspaceID = Deployment.workspaceID
    private static let entry = "refresh: {mode: rotates, too_early: [too_soon, token not expired]}"
    private static let tooSoon = TokenEndpoint.Answer.json(#"{"error":"too_soon"}"#, status: 400)

    private func token(
        _ bench: FlowBench, _ id: ConnectionID, isForced: Bool = false
    ) async throws(AccessTokenError) -> String {
        try await bench.accessTokens().current(id, workspaceID: Self.workspaceID, isForced: isForced)
            .credentials.accessToken
    }

    private func refreshes(_ bench: FlowBench) -> Int {
        bench.endpoint.tokenCalls.count { $0.fields["grant_type"] == "refresh_token" }
    }

    private func events(_ bench: FlowBench, _ id: ConnectionID) async throws -> [String] {
        try await bench.store.events(of: id, workspaceID: Self.workspaceID)?.map(\.type) ?? []
    }

    @Test(arguments: [
        Self.tooSoon, .json(#"{"error":"too_soon"}"#, status: 401), .json(#"{"error":"too_soon"}"#),
        .json(
            #"{"error":"access_denied","error_description":"Rate limit exceeded: token not expired."}"#,
            status: 401),
    ])
    func `S24 nothing has failed: the connection stays active, and the provider is asked later`(
        _ answer: TokenEndpoint.Answer
    ) async throws {
        let bench = try await FlowBench(Self.entry)
        let id = try await bench.connect()
        bench.endpoint.answer(answer)
        await #expect(throws: AccessTokenError.tooEarly(retryAfter: 1_800)) {
            try await token(bench, id, isForced: true)
        }
        #expect(try await bench.read(id).connection.status == .active)
        #expect(try await events(bench, id) == ["created"], "nothing is announced")
        #expect(try await token(bench, id) == "access-1")
        bench.endpoint.answer(.json(Grant.json(token: "access-2", refresh: "refresh-2")))
        await #expect(throws: AccessTokenError.self) { try await token(bench, id, isForced: true) }
        #expect(refreshes(bench) == 1)
        bench.advance(by: .seconds(1_800))
        #expect(try await token(bench, id, isForced: true) == "access-2")
    }

    @Test func `a token that is due and still lives is handed out`() async throws {
        let bench = try await FlowBench(Self.entry)
        let id = try await bench.connect()
        bench.endpoint.answer(Self.tooSoon)
        bench.advance(by: .seconds(3_550))
        #expect(try await token(bench, id) == "access-1")
        #expect(refreshes(bench) == 1)
        bench.endpoint.answer(.json(Grant.json(token: "access-2", refresh: "refresh-2")))
        bench.advance(by: .seconds(25))
        #expect(try await token(bench, id) == "access-2")
    }

    @Test func `the provider's Retry-After is kept to, within bounds`() async throws {
        for (header, seconds) in [("42", 42), ("1", 10), ("86400", 3_600)] {
            let bench = try await FlowBench(Self.entry)
            let id = try await bench.connect()
            bench.endpoint.answer(
                .raw(
                    "HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\nRetry-After: \(header)\r\n"
                        + "Content-Length: 20\r\n\r\n{\"error\":\"too_soon\"}"))
            await #expect(throws: AccessTokenError.tooEarly(retryAfter: seconds)) {
                try await token(bench, id, isForced: true)
            }
        }
    }

    @Test(arguments: [
        #"{"error":"too_soon_after"}"#, #"{"error":"TOO_SOON"}"#, #"{"error":"invalid_grant"}"#,
        #"{"error":"invalid_scope","error_description":"not expired"}"#, #"{"error":"invalid_client"}"#,
    ])
    func `another error is what it was`(_ body: String) async throws {
        let bench = try await FlowBench(Self.entry)
        let id = try await bench.connect()
        bench.endpoint.answer(.json(body, status: 400))
        await #expect(throws: AccessTokenError.self) { try await token(bench, id, isForced: true) }
        #expect(try await bench.read(id).connection.status != .active)
    }

    @Test func `where the entry does not say so it is a rejected request`() async throws {
        let bench = try await FlowBench()
        let id = try await bench.connect()
        bench.endpoint.answer(Self.tooSoon)
        await #expect(throws: AccessTokenError.providerError(retryAfter: 10)) {
            try await token(bench, id, isForced: true)
        }
        #expect(try await bench.read(id).connection.status == .error)
    }

    @Test func `at an exchange it rejects the code`() async throws {
        let bench = try await FlowBench(Self.entry)
        bench.endpoint.answer(Self.tooSoon)
        let conclusion = await bench.completion().complete(
            try bench.deployment.authorized(), binding: .direct)
        #expect(conclusion == .finished(.failure(.codeRejected)))
    }

    @Test func `the sweep leaves that connection for later, and no other one`() async throws {
        let bench = try await FlowBench(Self.entry)
        let tokens = bench.accessTokens(reads: TokenReads())
        let first = try await bench.connect(Grant.json(refresh: "refresh-a"), code: "a")
        let second = try await bench.connect(Grant.json(refresh: "refresh-b"), code: "b")
        for id in [first, second] {
            tokens.noteRead(try await tokens.current(id, workspaceID: Self.workspaceID))
        }
        await tokens.flushReads()
        bench.endpoint.script { call in
            call.fields["refresh_token"] == "refresh-a"
                ? Self.tooSoon : .json(Grant.json(token: "access-2", refresh: "refresh-c"))
        }
        bench.advance(by: .seconds(3_500))
        let sweep = ConnectionSweep(tokens)
        await sweep.pass()
        await sweep.pass()
        #expect(refreshes(bench) == 2)
        #expect(try await bench.read(first).connection.status == .active)
        #expect(try await bench.read(second).credentials.accessToken == "access-2")
        bench.endpoint.answer(.json(Grant.json(token: "access-3", refresh: "refresh-d")))
        bench.advance(by: .seconds(60))
        await sweep.pass()
        #expect(try await bench.read(first).credentials.accessToken == "access-3")
    }

    @Test func `a token is refreshed within the provider's window, and not before`() async throws {
        let bench = try await FlowBench("refresh: {mode: rotates, window: 30}")
        let tokens = bench.accessTokens(reads: TokenReads())
        let id = try await bench.connect()
        tokens.noteRead(try await tokens.current(id, workspaceID: Self.workspaceID))
        await tokens.flushReads()
        bench.endpoint.answer(.json(Grant.json(token: "access-2", refresh: "refresh-2")))
        bench.advance(by: .seconds(3_569))
        await ConnectionSweep(tokens).pass()
        #expect(try await token(bench, id) == "access-1")
        #expect(refreshes(bench) == 0)
        bench.advance(by: .seconds(16))
        await ConnectionSweep(tokens).pass()
        #expect(refreshes(bench) == 1)
        bench.advance(by: .seconds(3_570))
        #expect(try await token(bench, id) == "access-2")
        #expect(refreshes(bench) == 2)
    }

    @Test func `an import whose token is too good to be refreshed is verified`() async throws {
        let bench = try await FlowBench(Self.entry)
        bench.endpoint.answer(Self.tooSoon)
        let connection = try await ImportConnection(bench.accessTokens()).add(
            ImportCommand(
                integrationID: "sample",
                credentials: HeldCredentials(accessToken: "held", refreshToken: "held-refresh")),
            workspaceID: Self.workspaceID, verifies: true)
        #expect(connection.status == .active)
        bench.advance(by: .seconds(60))
        let test = try await TestConnection(bench.accessTokens()).test(
            connection.id, workspaceID: Self.workspaceID)
        #expect(test.problem == nil)
    }
}
