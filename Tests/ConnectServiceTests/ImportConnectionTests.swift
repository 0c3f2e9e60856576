import ConnectService
import Connections
import Encodings
import OAuth
import StateTokens
import Testing

@Suite("Imports") struct ImportConnectionTests {
    private let bench: FlowBench
    private static let held = HeldCredentials(
        accessToken: "held-access", refreshToken: "held-refresh", scope: "read write")

    init() async throws { bench = try await FlowBench() }

    private func add(
        _ change: (inout ImportCommand) -> Void = { _ in }, credentials: HeldCredentials = held,
        key: String? = nil, verifies: Bool = false, workspaceID: String = Deployment.workspaceID
    ) async throws(ImportConnectionError) -> Connection {
        var command = ImportCommand(integrationID: "sample", credentials: credentials)
        change(&command)
        return try await ImportConnection(bench.accessTokens()).add(
            command, workspaceID: workspaceID, idempotencyKey: key, verifies: verifies)
    }

    // MARK: What is taken over

    @Test func `a grant of another service becomes a connection, and no provider is asked`() async throws {
        let connection = try await add {
            $0.label = "Ada's"
            $0.tags = ["plan": "pro"]
            $0.userID = "user_1"
            $0.config = ["note": "moved"]
        }
        let open = try await bench.read(connection.id)
        #expect(open.connection == connection)
        #expect((connection.label, connection.tags) == ("Ada's", ["plan": "pro"]))
        #expect((connection.userID, connection.config) == ("user_1", ["note": "moved"]))
        #expect((connection.binding, connection.status) == (.imported, .active))
        #expect(connection.scopesGranted == ["read", "write"] && connection.expiresAt == nil)
        #expect(connection.facts.tokenLifetime == nil)
        #expect(
            (open.credentials.accessToken, open.credentials.refreshToken) == ("held-access", "held-refresh"))
        #expect(bench.endpoint.tokenCalls.isEmpty)
    }

    @Test func `without a label it is called as the integration is`() async throws {
        #expect(try await add().label == "Sample")
        #expect(try await add({ $0.label = "" }).label == "Sample")
    }

    @Test(arguments: [3_600, -60])
    func `an access token that says itself when it ends is believed where the import does not say it`(
        _ seconds: Int
    ) async throws {
        let end = bench.deployment.clock.now + .seconds(seconds)
        let claims = Base64URL.encode(Array(#"{"exp":\#(end.secondsSinceEpoch)}"#.utf8).span)
        let held = HeldCredentials(accessToken: "e30.\(claims).x", refreshToken: "held-refresh")
        let connection = try await add(credentials: held)
        #expect(connection.expiresAt == end)
        #expect(try await bench.read(connection.id).credentials.expiresAt == end)
    }

    @Test func `an access token that is over is refreshed before it is handed out`() async throws {
        let expired = HeldCredentials(
            accessToken: "old", refreshToken: "held-refresh",
            expiresAt: bench.deployment.clock.now - .seconds(60))
        let connection = try await add(credentials: expired)
        #expect(connection.expiresAt == bench.deployment.clock.now - .seconds(60))
        bench.endpoint.answer(.json(Grant.json(token: "access-2", refresh: "refresh-2")))
        let open = try await bench.accessTokens().current(connection.id, workspaceID: Deployment.workspaceID)
        #expect(open.credentials.accessToken == "access-2" && open.credentials.refreshToken == "refresh-2")
        #expect(bench.endpoint.tokenCalls.first?.fields["refresh_token"] == "held-refresh")
    }

    @Test func `a token that is over and has no refresh token is an expired connection`() async throws {
        let connection = try await add(
            credentials: HeldCredentials(
                accessToken: "old", expiresAt: bench.deployment.clock.now - .seconds(1)))
        #expect(connection.status(at: bench.deployment.clock.now) == .expired)
        await #expect(throws: AccessTokenError.reconnectRequired) {
            try await bench.accessTokens().current(connection.id, workspaceID: Deployment.workspaceID)
        }
    }

    // MARK: Verifying

    @Test func `verifying refreshes once, and keeps what came`() async throws {
        bench.endpoint.answer(.json(Grant.json(token: "access-2", refresh: "refresh-2")))
        let connection = try await add(verifies: true)
        #expect((connection.status, connection.statusReason) == (.active, nil))
        let open = try await bench.read(connection.id)
        #expect((open.credentials.accessToken, open.credentials.refreshToken) == ("access-2", "refresh-2"))
        #expect(bench.endpoint.tokenCalls.count == 1)
    }

    @Test func `while it is verified its status says so`() async throws {
        let bench = self.bench
        bench.endpoint.answer(
            .after(
                {
                    let found = try #require(try await bench.connections().first)
                    #expect(found.status == .testing && found.statusReason != nil)
                }, .json(Grant.json())))
        #expect(try await add(verifies: true).status == .active)
    }

    @Test(arguments: [
        (Grant.error("invalid_grant"), AccessTokenError.reconnectRequired),
        (Grant.error("invalid_client"), .providerError(retryAfter: 10)),
        (.json("{}", status: 503), .providerError(retryAfter: 10)),
        (.garbage, .providerError(retryAfter: 10)),
    ])
    func `S21 a grant that does not verify leaves no connection behind`(
        _ answer: TokenEndpoint.Answer, _ error: AccessTokenError
    ) async throws {
        bench.endpoint.answer(answer)
        await #expect(throws: ImportConnectionError.notVerified(error)) { try await add(verifies: true) }
        #expect(try await bench.connections().isEmpty)
    }

    @Test func `S24 a verification whose outcome is not known keeps its row, and goes on with its key`()
        async throws
    {
        bench.endpoint.answer(.json(Grant.json(token: "access-2", refresh: "refresh-2")))
        bench.faults.fail(.finishRefresh)
        await #expect(throws: ImportConnectionError.notVerified(.storeUnavailable)) {
            try await add(key: "key-1", verifies: true)
        }
        bench.faults.fail(.finishRefresh, times: 0)
        let kept = try #require(try await bench.connections().first)
        #expect(kept.status == .testing)
        // The lease of the refresh that could not be stored.
        bench.advance(by: .seconds(120))
        bench.endpoint.answer(.json(Grant.json(token: "access-3", refresh: "refresh-3")))
        let verified = try await add(key: "key-1", verifies: true)
        #expect(verified.id == kept.id && verified.status == .active)
    }

    @Test func `S24 a provider that does not respond to a verification leaves its row`() async throws {
        bench.endpoint.answer(.hang)
        let imports = ImportConnection(bench.accessTokens(isHasty: true))
        await #expect(throws: ImportConnectionError.notVerified(.providerTimeout)) {
            try await imports.add(
                ImportCommand(
                    integrationID: "sample",
                    credentials: HeldCredentials(accessToken: "a", refreshToken: "held-refresh")),
                workspaceID: Deployment.workspaceID, verifies: true)
        }
        #expect(try await bench.connections().map(\.status) == [.testing])
    }

    @Test func `without a refresh token there is nothing to verify`() async throws {
        await #expect(throws: ImportConnectionError.nothingToVerify) {
            try await add(credentials: HeldCredentials(accessToken: "a"), verifies: true)
        }
        #expect(try await bench.connections().isEmpty && bench.endpoint.tokenCalls.isEmpty)
    }

    // MARK: Once

    @Test func `a key that comes again gives the same connection, and sends nothing again`() async throws {
        bench.endpoint.answer(.json(Grant.json(token: "access-2", refresh: "refresh-2")))
        let first = try await add(key: "key-1", verifies: true)
        let second = try await add(key: "key-1", verifies: true)
        #expect(second == first)
        #expect(bench.endpoint.tokenCalls.count == 1)
        #expect(try await bench.connections().count == 1)
        #expect(try await add(key: "key-2").id != first.id)
        #expect(try await add().id != first.id)
    }

    @Test func `a verification that was interrupted goes on with its key`() async throws {
        let first = try await add(key: "key-1")
        _ = try await bench.store.update(
            first.id, workspaceID: Deployment.workspaceID, ifRevision: first.revision,
            ConnectionChanges(status: .init(.testing)))
        bench.endpoint.answer(.json(Grant.json(token: "access-2", refresh: "refresh-2")))
        #expect(try await add(key: "key-1", verifies: true).status == .active)
        #expect(try await bench.read(first.id).credentials.accessToken == "access-2")
    }

    @Test func `a key that comes again with another import is rejected`() async throws {
        let first = try await add(key: "key-1")
        let changes: [(inout ImportCommand) -> Void] = [
            { $0.userID = "user_2" }, { $0.label = "x" }, { $0.tags = ["a": ""] }, { $0.config = ["a": ""] },
            { $0.credentials = HeldCredentials(accessToken: "held-access", refreshToken: "other") },
            { $0.credentials = HeldCredentials(accessToken: "other", refreshToken: "held-refresh") },
        ]
        for change in changes {
            await #expect(throws: ImportConnectionError.keyReused) { try await add(change, key: "key-1") }
        }
        #expect(try await bench.connections() == [first])
    }

    @Test func `S22 another workspace's key is another key`() async throws {
        let first = try await add(key: "key-1")
        let other = try await add(key: "key-1", workspaceID: "wsp_other")
        #expect(first.id != other.id && other.workspaceID == "wsp_other")
    }

    // MARK: What is rejected

    @Test func `an unknown integration, an unknown method and a store that is away are rejected`() async {
        await #expect(throws: ImportConnectionError.integrationNotFound("nowhere")) {
            try await add { $0.integrationID = "nowhere" }
        }
        await #expect(throws: ImportConnectionError.authMethodNotFound("saml", known: ["oauth2"])) {
            try await add { $0.authMethodID = "saml" }
        }
        bench.faults.fail(.insert)
        await #expect(throws: ImportConnectionError.store(.unavailable(reason: "a test said so"))) {
            try await add()
        }
    }

    @Test(arguments: [nil, "", "a/b", "evil.example", "acme.shops.example@evil"])
    func `S19 a parameter that cannot stand in the endpoints is rejected`(_ shop: String?) async throws {
        let bench = try await FlowBench { _ in
            """
            integrations:
              sample:
                documentation: https://example.com/docs
                parameters: {shop: {label: Shop, kind: label}}
                authorization_endpoint: https://{shop}.shops.example/authorize
                token_endpoint: https://{shop}.shops.example/token
            """
        }
        let imports = ImportConnection(bench.accessTokens())
        var command = ImportCommand(integrationID: "sample", credentials: Self.held)
        command.config["shop"] = shop
        #expect {
            try imports.check(command, workspaceID: Deployment.workspaceID)
        } throws: { error in
            if case .invalidParameter("shop", _) = error as? ImportConnectionError { true } else { false }
        }
        command.config["shop"] = "acme"
        #expect(throws: Never.self) {
            try imports.check(command, workspaceID: Deployment.workspaceID)
        }
    }

    @Test func `credentials that no response may bring are rejected`() {
        let imports = ImportConnection(bench.accessTokens())
        let long = String(repeating: "x", count: TokenResponseLimits.token + 1)
        for held in [
            HeldCredentials(accessToken: "line\nbreak"), HeldCredentials(accessToken: long),
            HeldCredentials(accessToken: "a", refreshToken: long),
            HeldCredentials(accessToken: "a", scope: String(repeating: "s ", count: 1_001)),
            HeldCredentials(accessToken: ""),
        ] {
            #expect {
                try imports.check(
                    ImportCommand(integrationID: "sample", credentials: held),
                    workspaceID: Deployment.workspaceID)
            } throws: { error in
                if case .invalidCredentials = error as? ImportConnectionError { true } else { false }
            }
        }
    }
}

@Suite("Trying a connection") struct TestConnectionTests {
    private static let lookup = """
        account: {lookup: {url: "URL/me"}, id: lookup.id, label: lookup.email}
        """

    private func bench(_ entry: String = lookup) async throws -> FlowBench {
        try await FlowBench { url in
            Catalogs.sample(at: url).replacing("    account: {id: account_id}\n", with: "")
                + entry.replacing("URL", with: url).split(separator: "\n").map { "    \($0)\n" }.joined()
        }
    }

    private func connected(
        _ bench: FlowBench, refreshToken: String? = "held-refresh"
    ) async throws -> Connection {
        try await ImportConnection(bench.accessTokens()).add(
            ImportCommand(
                integrationID: "sample",
                credentials: HeldCredentials(accessToken: "held-access", refreshToken: refreshToken)),
            workspaceID: Deployment.workspaceID)
    }

    private func test(
        _ bench: FlowBench, _ connection: Connection, of other: Deployment? = nil
    ) async throws(AccessTokenError) -> ConnectionTest {
        try await TestConnection(bench.accessTokens(of: other)).test(
            connection.id, workspaceID: connection.workspaceID)
    }

    @Test func `the entry's call is made with the access token, and nothing is refreshed`() async throws {
        let bench = try await bench()
        bench.endpoint.answer(.json(#"{"id":7,"email":"ada@example.com"}"#))
        let connection = try await connected(bench)
        let result = try await test(bench, connection)
        #expect(result.problem == nil && result.detail.contains("ada@example.com"))
        #expect(result.checkedAt == bench.deployment.clock.now)
        #expect(bench.endpoint.tokenCalls.map(\.path) == ["/me"])
        #expect(bench.endpoint.tokenCalls.first?.headers["authorization"] == "Bearer held-access")
        #expect(try await bench.read(connection.id).connection == connection, "the row stays as it was")
    }

    @Test func `a token that the provider ended is refreshed and tried once more`() async throws {
        let bench = try await bench()
        bench.endpoint.script { call in
            if call.path.hasPrefix("/token") { return .json(Grant.json(token: "access-2")) }
            return call.headers["authorization"] == "Bearer access-2"
                ? .json(#"{"id":7}"#) : .json("{}", status: 401)
        }
        #expect(try await test(bench, connected(bench)).problem == nil)
        #expect(bench.endpoint.tokenCalls.count == 3)
    }

    @Test(arguments: [
        (TokenEndpoint.Answer.json("{}", status: 401), ConnectionTest.Problem.reconnectRequired),
        (.json("{}", status: 403), .providerError), (.json("{}", status: 500), .providerError),
        (.json("no"), .providerError), (.garbage, .providerError),
    ])
    func `what the provider says is the result`(
        _ answer: TokenEndpoint.Answer, _ problem: ConnectionTest.Problem
    ) async throws {
        let bench = try await bench()
        bench.endpoint.answer(answer)
        #expect(try await test(bench, connected(bench, refreshToken: nil)).problem == problem)
    }

    @Test func `a token that the provider ended and nothing replaces has expired, and its events say so`()
        async throws
    {
        let bench = try await bench()
        bench.endpoint.answer(.json("{}", status: 401))
        let connection = try await connected(bench, refreshToken: nil)
        let result = try await test(bench, connection)
        #expect(result.detail.contains("status 401"))
        let found = try await bench.read(connection.id).connection
        #expect(found.status == .expired && found.statusReason?.contains("status 401") == true)
        let events = try await bench.store.events(of: connection.id, workspaceID: connection.workspaceID)
        #expect(events?.map(\.type) == ["expired", "created"])
    }

    @Test(arguments: [
        (TokenEndpoint.Answer.json("{}", status: 403), "status 403"),
        (.json("{}", status: 500), "status 500"),
    ])
    func `any other failure says nothing of the grant`(
        _ answer: TokenEndpoint.Answer, _ detail: String
    ) async throws {
        let bench = try await bench()
        bench.endpoint.answer(answer)
        let connection = try await connected(bench, refreshToken: nil)
        #expect(try await test(bench, connection).detail.contains(detail))
        #expect(try await bench.read(connection.id).connection == connection)
    }

    // MARK: A call for this alone

    private static let verification = """
        verification: {url: "URL/check", method: POST, error: error}
        account: {lookup: {url: "URL/me"}, id: lookup.id}
        """

    @Test func `the entry's verification is called in place of its look-up`() async throws {
        let bench = try await bench(Self.verification)
        bench.endpoint.answer(.json(#"{"ok":true}"#))
        #expect(try await test(bench, connected(bench)).problem == nil)
        let call = try #require(bench.endpoint.tokenCalls.first)
        #expect(bench.endpoint.tokenCalls.count == 1 && call.path == "/check" && call.method == "POST")
        #expect(call.headers["authorization"] == "Bearer held-access")
    }

    @Test func `a 2xx of any kind is enough where no error is named`() async throws {
        let bench = try await bench("verification: {url: \"URL/check\"}\naccount: {id: account_id}")
        for answer in [
            TokenEndpoint.Answer.json("", status: 200), .json("no", status: 202), .json(#"{"error":"x"}"#),
            .raw("HTTP/1.1 204 No Content\r\n\r\n"),
        ] {
            bench.endpoint.answer(answer)
            #expect(try await test(bench, connected(bench, refreshToken: nil)).problem == nil)
        }
    }

    @Test(arguments: [
        (
            TokenEndpoint.Answer.json(#"{"ok":false,"error":"invalid_auth"}"#),
            ConnectionTest.Problem.reconnectRequired
        ),
        (.json("{}", status: 401), .reconnectRequired), (.json("{}", status: 403), .providerError),
        (.json("{}", status: 500), .providerError), (.json("no"), .providerError), (.garbage, .providerError),
        (.raw("HTTP/1.1 302 Found\r\nLocation: /me\r\nContent-Length: 0\r\n\r\n"), .providerError),
    ])
    func `what a verification says against the token is the result`(
        _ answer: TokenEndpoint.Answer, _ problem: ConnectionTest.Problem
    ) async throws {
        let bench = try await bench(Self.verification)
        bench.endpoint.answer(answer)
        #expect(try await test(bench, connected(bench, refreshToken: nil)).problem == problem)
        #expect(bench.endpoint.tokenCalls.map(\.path) == ["/check"])
    }

    @Test(arguments: [
        (#"{"error":"invalid_auth"}"#, "(invalid_auth)"), (#"{"error":"a sentence, or worse"}"#, "token."),
        (#"{"error":true}"#, "token."),
    ])
    func `the provider's code is in the result, and nothing else of it`(
        _ answer: String, _ detail: String
    ) async throws {
        let bench = try await bench(Self.verification)
        bench.endpoint.answer(.json(answer))
        let connection = try await connected(bench, refreshToken: nil)
        #expect(try await test(bench, connection).detail.contains(detail))
        // A provider that is asked too often says so in this place, too.
        #expect(try await bench.read(connection.id).connection.status == .active)
    }

    @Test func `a token that its verification rejects is refreshed and tried once more`() async throws {
        let bench = try await bench(Self.verification)
        bench.endpoint.script { call in
            if call.path.hasPrefix("/token") { return .json(Grant.json(token: "access-2")) }
            return call.headers["authorization"] == "Bearer access-2"
                ? .json(#"{"ok":true,"error":""}"#) : .json(#"{"error":"token_expired"}"#)
        }
        #expect(try await test(bench, connected(bench)).problem == nil)
        #expect(bench.endpoint.tokenCalls.count == 3)
    }

    @Test func `another account than the connection's is said to be one`() async throws {
        let bench = try await bench()
        bench.endpoint.answer(.json(#"{"id":7}"#))
        let connection = try await connected(bench)
        let named = try await bench.store.update(
            connection.id, workspaceID: connection.workspaceID, ifRevision: connection.revision,
            ConnectionChanges(account: ProviderAccount(id: "8", label: nil)))
        #expect(try await test(bench, named).problem == .accountMismatch)
    }

    @Test func `without a call it is refreshed`() async throws {
        let bench = try await bench("account: {id: account_id}")
        bench.endpoint.answer(.json(Grant.json(token: "access-2", refresh: "refresh-2")))
        let connection = try await connected(bench)
        #expect(try await test(bench, connection).problem == nil)
        #expect(try await bench.read(connection.id).credentials.refreshToken == "refresh-2")
        bench.endpoint.answer(Grant.error("invalid_grant"))
        #expect(try await test(bench, connection).problem == .reconnectRequired)
        let lone = try await connected(bench, refreshToken: nil)
        #expect(try await test(bench, lone).problem == .notTestable)
    }

    @Test func `an inactive connection and another workspace's are not tried`() async throws {
        let bench = try await bench()
        let connection = try await connected(bench)
        await #expect(throws: AccessTokenError.notFound) {
            try await TestConnection(bench.accessTokens()).test(connection.id, workspaceID: "wsp_other")
        }
        let inactive = try await bench.store.update(
            connection.id, workspaceID: connection.workspaceID, ifRevision: connection.revision,
            ConnectionChanges(status: .init(.inactive)))
        await #expect(throws: AccessTokenError.inactive) { try await test(bench, inactive) }
        #expect(bench.endpoint.tokenCalls.isEmpty)
    }
}
