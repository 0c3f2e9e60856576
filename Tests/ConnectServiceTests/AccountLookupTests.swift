import ConnectService
import Connections
import Logging
import StateTokens
import Testing

@Suite("Account look-ups") struct AccountLookupTests {
    private static let entry = """
        response: {fields: [tenant, api_domain]}
        account:
          lookup: {url: "URL/me"}
          id: lookup.data.0.id
          label: [lookup.data.0.email, lookup.data.0.name]
          fields: {cloud_id: lookup.data.0.cloud}
        """
    private static let ann = #"{"data":[{"id":7,"email":"ann@example.com","cloud":"c-1"}]}"#
    private static let unknown = "The provider did not say whose account it is."

    /// A service whose entry has these keys; `URL` stands for the provider.
    private func bench(_ entry: String = entry) async throws -> FlowBench {
        try await FlowBench { url in
            Catalogs.sample(at: url).replacing("    account: {id: account_id}\n", with: "")
                + entry.replacing("URL", with: url).split(separator: "\n").map { "    \($0)\n" }.joined()
        }
    }

    /// Has the provider answer the token request with `tokens`, and the look-up with `answer`.
    private func script(
        _ bench: FlowBench, tokens: String = Grant.json(account: nil), _ answer: TokenEndpoint.Answer
    ) {
        bench.endpoint.script { $0.path.hasPrefix("/token") ? .json(tokens) : answer }
    }

    private func connect(_ bench: FlowBench, isHasty: Bool = false) async throws -> Connection {
        let conclusion = await bench.completion(isHasty: isHasty).complete(
            try bench.deployment.authorized(), binding: .direct)
        guard case .finished(.success(let id)) = conclusion else {
            Issue.record("no connection: \(conclusion)")
            throw StoreError.notFound
        }
        return try await bench.read(id).connection
    }

    private func lookups(_ bench: FlowBench) -> [TokenEndpoint.Call] {
        bench.endpoint.tokenCalls.filter { !$0.path.hasPrefix("/token") }
    }

    // MARK: What is asked

    @Test func `the account is looked up with the new token, and named`() async throws {
        let bench = try await bench()
        script(bench, .json(Self.ann))
        let connection = try await connect(bench)
        #expect(connection.account == ProviderAccount(id: "7", label: "ann@example.com"))
        #expect(connection.config["cloud_id"] == "c-1")
        #expect(connection.label == "ann@example.com")
        #expect(connection.statusReason == nil)
        let call = try #require(lookups(bench).first)
        #expect(lookups(bench).count == 1)
        #expect(call.method == "GET")
        #expect(call.path == "/me")
        #expect(call.headers["authorization"] == "Bearer access-1")
        #expect(call.headers["accept"] == "application/json")
        #expect(call.body.isEmpty)
    }

    @Test func `a look-up may be a POST of JSON with the token as it is`() async throws {
        let bench = try await bench(
            """
            account:
              lookup: {url: URL/graph, method: POST, body: {query: "{ me { id } }", n: 1}, authorization: raw}
              id: lookup.me.id
            """)
        script(bench, .json(#"{"me":{"id":"7"}}"#))
        #expect(try await connect(bench).account?.id == "7")
        let call = try #require(lookups(bench).first)
        #expect(call.method == "POST")
        #expect(call.headers["authorization"] == "access-1")
        #expect(call.headers["content-type"] == "application/json")
        #expect(call.body == #"{"n":1,"query":"{ me { id } }"}"#)
    }

    @Test(arguments: [
        ("{url: URL/me, headers: {Authorization: \"OAuth {access_token}\"}}", "/me", "OAuth a+b/c"),
        ("{url: \"URL/me?access_token={access_token}\"}", "/me?access_token=a%2Bb%2Fc", nil),
        ("{url: \"URL/{tenant}/me\", authorization: bearer}", "/t%2F..%2Fx/me", "Bearer a+b/c"),
        ("{url: URL/me, headers: {X-Key: \"{client_id}\"}}", "/me", "Bearer a+b/c"),
    ])
    func `the token, the client and kept fields have their places, and stay in them`(
        _ lookup: String, _ path: String, _ authorization: String?
    ) async throws {
        let bench = try await bench(
            "response: {fields: [tenant]}\naccount: {lookup: \(lookup), id: lookup.id}")
        script(
            bench,
            tokens: Grant.json(token: "a+b/c", account: nil, more: #","tenant":"t/../x""#),
            .json(#"{"id":"7"}"#))
        #expect(try await connect(bench).account?.id == "7")
        let call = try #require(lookups(bench).first)
        #expect(call.path == path)
        #expect(call.headers["authorization"] == authorization)
        #expect(call.headers["x-key"] == (lookup.contains("X-Key") ? "client" : nil))
    }

    @Test(arguments: ["evil.example", "127.0.0.1", "https://evil.example/ok.example.com", "a.example.com:81"])
    func `S19 a response chooses no host that the entry does not allow`(_ host: String) async throws {
        let bench = try await bench(
            """
            response: {fields: [api_domain]}
            account:
              lookup: {url: "https://{api_domain}/me", hosts: {api_domain: "[a-z]+[.]example[.]com"}}
              id: lookup.id
            """)
        script(
            bench, tokens: Grant.json(account: nil, more: #","api_domain":"\#(host)""#),
            .json(#"{"id":"7"}"#))
        let connection = try await connect(bench)
        #expect(connection.account == nil)
        #expect(bench.logs.text.contains("the field `api_domain` is no host that the look-up allows"))
    }

    // MARK: What goes wrong

    /// Answers that name no account.
    static let failures: [(String, TokenEndpoint.Answer)] = [
        ("404", .json("{}", status: 404)), ("401", .json(ann, status: 401)),
        ("500", .json(ann, status: 500)), ("no JSON", .json("<html>")), ("a text", .json(#""7""#)),
        ("empty", .json("")), ("cut", .json(#"{"data":[{"id":7"#)), ("no id", .json(#"{"data":[{"x":1}]}"#)),
        ("no list", .json(#"{"data":{"id":7}}"#)), ("null", .json(#"{"data":[{"id":null}]}"#)),
        ("empty id", .json(#"{"data":[{"id":""}]}"#)), ("an object as id", .json(#"{"data":[{"id":{}}]}"#)),
        ("NUL", .json(#"{"data":[{"id":"a\u0000b"}]}"#)),
        ("long id", .json(#"{"data":[{"id":"\#(String(repeating: "x", count: 1_025))"}]}"#)),
        ("deep", .json(String(repeating: "[", count: 1_000))),
        (
            "redirect",
            .raw(
                "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: \(ann.utf8.count)\r\n\r\n\(ann)"
            )
        ),
        (
            "oversized",
            .raw(
                "HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n"
                    + String(repeating: " ", count: 2_000_000))
        ),
        ("garbage", .garbage), ("hang", .hang),
    ]

    @Test(arguments: failures)
    func `S28 a look-up that fails costs no grant, and the connection says so`(
        _ name: String, _ answer: TokenEndpoint.Answer
    ) async throws {
        let bench = try await bench()
        script(bench, answer)
        let connection = try await connect(bench, isHasty: true)
        #expect(connection.account == nil)
        #expect(connection.status == .active)
        #expect(connection.statusReason == Self.unknown)
        #expect(lookups(bench).count == 1, "asked once, redirects included")
        // What the provider did say is no failed look-up.
        let named = ["no id", "no list", "null", "empty id", "an object as id", "NUL", "long id"]
        let events = try await bench.store.events(of: connection.id, workspaceID: connection.workspaceID)
        let detail = events?.last?.detail
        #expect(
            named.contains(name)
                ? detail == nil : detail?.hasPrefix("the account could not be looked up: ") == true, "\(name)"
        )
        #expect(bench.endpoint.revocations.isEmpty)
    }

    @Test func `S38 a failed look-up does not make the account another one`() async throws {
        let bench = try await bench(
            "account: {lookup: {url: URL/me}, id: [lookup.id, account_id]}")
        script(bench, tokens: Grant.json(), .json("{}", status: 500))
        #expect(try await connect(bench).account == nil)
    }

    @Test func `what was to be known of an active connection outlasts a refresh`() async throws {
        let bench = try await bench()
        script(bench, .json("{}"))
        let id = try await connect(bench).id
        _ = try await bench.accessTokens().current(id, workspaceID: Deployment.workspaceID, isForced: true)
        #expect(try await bench.read(id).connection.statusReason == Self.unknown)
    }

    // MARK: Renewal

    @Test func `S38 a renewal is compared by what the look-up says`() async throws {
        let bench = try await bench()
        script(bench, .json(Self.ann))
        let id = try await connect(bench).id
        script(
            bench, tokens: Grant.json(token: "access-2", refresh: "refresh-2", account: nil),
            .json(#"{"data":[{"id":8}]}"#))
        let conclusion = await bench.completion().complete(try bench.renewal(of: id), binding: .direct)
        #expect(conclusion == .finished(.failure(.accountMismatch)))
        #expect(try await bench.read(id).credentials.accessToken == "access-1")
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["refresh-2"])
    }

    @Test func `S38 a renewal whose look-up fails leaves the old credentials`() async throws {
        let bench = try await bench()
        script(bench, .json(Self.ann))
        let id = try await connect(bench).id
        script(bench, tokens: Grant.json(token: "access-2", account: nil), .json("{}", status: 503))
        let conclusion = await bench.completion().complete(try bench.renewal(of: id), binding: .direct)
        #expect(conclusion == .finished(.failure(.accountUnknown)))
        #expect(try await bench.read(id).credentials.accessToken == "access-1")
        #expect(bench.endpoint.revocations.isEmpty)
    }

    @Test func `S38 a renewal with nothing to compare says so, and the next one is compared`() async throws {
        let bench = try await bench()
        script(bench, .json("{}", status: 503))
        let id = try await connect(bench).id
        script(bench, .json(Self.ann))
        for (code, isSaid) in [("second", true), ("third", false)] {
            let conclusion = await bench.completion().complete(
                try bench.renewal(of: id, code: code), binding: .direct)
            #expect(conclusion == .finished(.success(id)))
            let connection = try await bench.read(id).connection
            #expect(connection.account?.id == "7")
            #expect((connection.statusReason?.contains("could not be compared") ?? false) == isSaid)
            #expect(connection.isAccountCompared == !isSaid)
        }
    }
}
