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
        async throws -> FlowConclusion
    {
        bench.endpoint.script { $0.path.hasPrefix("/token") ? .json(Self.first) : answer }
        return await bench.completion(isHasty: isHasty).complete(
            try bench.deployment.authorized(), binding: .direct)
    }

    @Test func `its token replaces the first one's, and what it leaves out stays`() async throws {
        let bench = try await bench()
        guard case .outcome(.success(let id)) = try await complete(bench, .json(Self.second)) else {
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
        guard case .outcome(.success(let id)) = try await complete(bench, .json(#"{"access_token":"long"}"#))
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
        guard case .outcome(.failure(let failure)) = conclusion else {
            Issue.record("\(conclusion)")
            return
        }
        #expect(failure != .codeRejected && failure != .providerUnreachable)
        #expect(bench.endpoint.tokenCalls.count == 2)
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["refresh-1"])
        #expect(try await bench.connections().isEmpty)
    }
}
