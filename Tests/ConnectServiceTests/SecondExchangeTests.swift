import ConnectService
import Connections
import StateTokens
import Testing

@Suite("A second exchange") struct SecondExchangeTests {
    private static let entry = """
        exchange_after:
          url: "URL/long"
          method: GET
          parameters: {grant_type: x_exchange, client_secret: "{client_secret}", access_token: "{access_token}"}
        response:
          access_token: [access_token, data.0.access_token]
          fields: [data.0.user_id, tenant]
        account: {id: data.0.user_id}
        """
    private static let first = """
        {"data":[{"access_token":"short","user_id":7}],"refresh_token":"refresh-1","expires_in":60,\
        "tenant":"t","id_token":null}
        """
    private static let second = #"{"access_token":"long","expires_in":5184000}"#

    private func bench(_ entry: String = entry) async throws -> FlowBench {
        try await FlowBench { url in
            Catalogs.sample(at: url).replacing("    account: {id: account_id}\n", with: "")
                + entry.replacing("URL", with: url).split(separator: "\n").map { "    \($0)\n" }.joined()
        }
    }

    private func complete(_ bench: FlowBench, _ answer: TokenEndpoint.Answer, isHasty: Bool = false)
        async throws -> CompletionResult
    {
        bench.endpoint.script { $0.path.hasPrefix("/token") ? .json(Self.first) : answer }
        return await bench.completion(isHasty: isHasty).complete(
            try bench.deployment.authorized(), binding: .direct)
    }

    @Test func `its token replaces the first one's, and what it leaves out stays`() async throws {
        let bench = try await bench()
        guard case .finished(.success(let id)) = try await complete(bench, .json(Self.second)) else {
            Issue.record("no connection")
            return
        }
        let call = try #require(bench.endpoint.tokenCalls.last)
        #expect(call.method == "GET")
        #expect(call.path == "/long?grant_type=x_exchange&client_secret=secret&access_token=short")
        #expect(call.headers["authorization"] == nil)
        let found = try await bench.read(id)
        #expect(found.credentials.accessToken == "long")
        #expect(found.credentials.refreshToken == "refresh-1")
        #expect(found.credentials.expiresAt == bench.deployment.clock.now + .seconds(5_184_000))
        #expect(!found.credentials.raw.contains("short"))
        #expect(found.connection.account?.id == "7")
        #expect(found.connection.config["tenant"] == "t")
    }

    @Test func `the first one's lifetime is not the second one's`() async throws {
        let bench = try await bench()
        guard case .finished(.success(let id)) = try await complete(bench, .json(#"{"access_token":"long"}"#))
        else {
            Issue.record("no connection")
            return
        }
        let found = try await bench.read(id)
        #expect(found.credentials.expiresAt == nil)
        #expect(!found.credentials.raw.contains("expires_in"))
    }

    @Test(arguments: [
        (
            "rejected", TokenEndpoint.Answer.json(#"{"error":"invalid_grant"}"#, status: 400),
            "request_rejected"
        ),
        ("no token", .json("{}"), ""), ("500", .json("{}", status: 500), ""), ("garbage", .garbage, ""),
        ("hang", .hang, ""),
        ("redirect", .raw("HTTP/1.1 302 Found\r\nLocation: /long2\r\nContent-Length: 0\r\n\r\n"), ""),
    ])
    func `S09 where it fails the flow is over, its code is not sent again, and the first grant is given back`(
        _ name: String, _ answer: TokenEndpoint.Answer, _ reason: String
    ) async throws {
        let bench = try await bench()
        let conclusion = try await complete(bench, answer, isHasty: true)
        guard case .finished(.failure(let failure)) = conclusion else {
            Issue.record("\(conclusion)")
            return
        }
        #expect(failure != .codeRejected && failure != .providerUnreachable)
        #expect(bench.endpoint.tokenCalls.count == 2)
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["refresh-1"])
        #expect(try await bench.connections().isEmpty)
    }

    // MARK: After refreshes

    private static let session = """
        exchange_after: {url: "URL/login", body: query, parameters: {access_token: "{access_token}"}, after_refresh: true}
        response: {access_token: [access_token, session], assumed_lifetime: 600}
        refresh: {mode: rotates}
        """

    /// Tokens with running numbers, and a session for each.
    private func connected(_ bench: FlowBench) async throws -> ConnectionID {
        bench.endpoint.script { call in
            let number = call.fields["refresh_token"].flatMap { Int($0.suffix(1)) } ?? 0
            if call.path.hasPrefix("/token") {
                return .json(Grant.json(token: "access-\(number + 1)", refresh: "refresh-\(number + 1)"))
            }
            return .json(#"{"session":"session-of-\#(call.path.suffix(8))"}"#)
        }
        let conclusion = await bench.completion().complete(
            try bench.deployment.authorized(), binding: .direct)
        guard case .finished(.success(let id)) = conclusion else {
            Issue.record("no connection: \(conclusion)")
            throw StoreError.notFound
        }
        return id
    }

    @Test func `a session begins anew with each refresh, where the entry says so`() async throws {
        let bench = try await bench(Self.session)
        let id = try await connected(bench)
        #expect(try await bench.read(id).credentials.accessToken == "session-of-access-1")
        let found = try await bench.accessTokens().current(
            id, workspaceID: Deployment.workspaceID, isForced: true)
        #expect(found.credentials.accessToken == "session-of-access-2")
        #expect(found.credentials.refreshToken == "refresh-2")
        #expect(found.credentials.expiresAt == bench.deployment.clock.now + .seconds(600))
        #expect(bench.endpoint.tokenCalls.map(\.path).last == "/login?access_token=access-2")
    }

    @Test func `elsewhere a refresh is followed by nothing`() async throws {
        let bench = try await bench(Self.session.replacing(", after_refresh: true", with: ""))
        let id = try await connected(bench)
        let found = try await bench.accessTokens().current(
            id, workspaceID: Deployment.workspaceID, isForced: true)
        #expect(found.credentials.accessToken == "access-2")
    }

    @Test func `a refresh whose session does not begin loses no refresh token, and is tried again`()
        async throws
    {
        let bench = try await bench(Self.session)
        let id = try await connected(bench)
        let script: TokenEndpoint.Script = { call in
            call.path.hasPrefix("/token")
                ? .json(Grant.json(token: "access-2", refresh: "refresh-2")) : .json("{}", status: 500)
        }
        bench.endpoint.script(script)
        await #expect(throws: AccessTokenError.self) {
            try await bench.accessTokens().current(id, workspaceID: Deployment.workspaceID, isForced: true)
        }
        let kept = try await bench.read(id)
        #expect(kept.credentials.refreshToken == "refresh-2")
        #expect(kept.connection.status == .active)
        // The next request after the pause that follows a failed refresh sends the new token.
        bench.advance(by: RefreshStart.shortestCooldown)
        bench.endpoint.script { call in
            guard call.path.hasPrefix("/token") else { return .json(#"{"session":"session-3"}"#) }
            return call.fields["refresh_token"] == "refresh-2"
                ? .json(Grant.json(token: "access-3", refresh: "refresh-3"))
                : .json(#"{"error":"invalid_grant"}"#, status: 400)
        }
        let found = try await bench.accessTokens().current(id, workspaceID: Deployment.workspaceID)
        #expect(found.credentials.accessToken == "session-3" && found.credentials.refreshToken == "refresh-3")
    }
}
