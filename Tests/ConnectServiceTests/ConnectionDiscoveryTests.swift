import ConnectService
import Connections
import Integrations
import OAuthHTTP
import StateTokens
import Synchronization
import Testing

/// Flows at servers that each connection names, whose documents have the endpoints.
@Suite("ConnectionDiscovery", .timeLimit(.minutes(1))) struct ConnectionDiscoveryTests {
    private let bench: FlowBench
    private let http = ProviderHTTPClient(
        ProviderHTTPConfiguration(
            timeout: .milliseconds(500), byteCountLimit: 1 << 16, allowsInsecureLoopback: true))

    init() async throws {
        bench = try await FlowBench { _ in
            """
            integrations:
              forge:
                label: Forge
                documentation: https://example.com/docs
                discovery: oidc
                parameters: {server: {kind: url}}
                token: {authentication: none}
                account: {id: account_id}
            """
        }
        serve(Self.document(bench.endpoint.url))
        read()
    }

    private func read() {
        bench.deployment.registry.discovery = ConnectionDiscovery(
            DiscoveryClient(http), logger: bench.logs.logger)
    }

    private static func document(_ url: String, issuer: String? = nil, token: String? = nil) -> String {
        """
        {"issuer":"\(issuer ?? url)","authorization_endpoint":"\(url)/authorize",\
        "token_endpoint":"\(token ?? "\(url)/token")","revocation_endpoint":"\(url)/revoke"}
        """
    }

    private func serve(_ document: String) { serve(.json(document)) }

    private func serve(_ answer: TokenEndpoint.Answer) {
        bench.endpoint.script { $0.path.hasPrefix("/.well-known/") ? answer : .json(Grant.json()) }
    }

    private func command(_ server: String? = nil) -> InitiateCommand {
        InitiateCommand(
            integrationID: "forge", redirectURI: Deployment.redirectURI,
            parameters: ["server": server ?? bench.endpoint.url])
    }

    /// As the route does it.
    private func begin(_ server: String? = nil, in deployment: Deployment? = nil) async throws
        -> InitiatedFlow
    {
        let deployment = deployment ?? bench.deployment
        if let need = need(server, deployment) { try await deployment.initiate.discover(need) }
        return try deployment.begin(command(server))
    }

    private func need(_ server: String?, _ deployment: Deployment) -> DiscoveryNeed? {
        do throws(InitiateError) {
            _ = try deployment.begin(command(server))
            return nil
        } catch {
            if case .undiscovered(let need) = error { return need }
            return nil
        }
    }

    /// Another replica, which has read nothing yet.
    private func replica() throws -> Deployment {
        var deployment = bench.deployment
        deployment.registry = try Deployment.registry(
            """
            integrations:
              forge:
                label: Forge
                documentation: https://example.com/docs
                discovery: oidc
                parameters: {server: {kind: url}}
                token: {authentication: none}
                account: {id: account_id}
            """)
        deployment.registry.discovery = ConnectionDiscovery(DiscoveryClient(http), logger: bench.logs.logger)
        return deployment
    }

    private func verify(_ flow: InitiatedFlow, in deployment: Deployment) async -> CallbackResult {
        await deployment.verify.verify(
            Array("state=\(flow.state)&code=c".utf8), integrationID: "forge",
            context: Deployment.context(of: flow))
    }

    private var documentCalls: Int {
        bench.endpoint.tokenCalls.count { $0.path.hasPrefix("/.well-known/") }
    }
    private var exchanges: Int { bench.endpoint.tokenCalls.count { $0.path == "/token" } }

    private func failure(_ server: String? = nil) async -> ConnectionDiscoveryError? {
        do {
            _ = try await begin(server)
            return nil
        } catch InitiateError.discoveryFailed(let error) {
            return error
        } catch {
            Issue.record("\(error)")
            return nil
        }
    }

    @Test func `a flow waits for its server's document, is exchanged there, refreshed and revoked`()
        async throws
    {
        #expect(throws: InitiateError.self) { try bench.deployment.begin(command()) }
        #expect(documentCalls == 0)
        let flow = try await begin()
        #expect(flow.authorizationURL.hasPrefix("\(bench.endpoint.url)/authorize?"))
        let conclusion = await bench.completion().complete(
            try bench.deployment.delivered(flow, code: "code"), binding: .direct)
        guard case .finished(.success(let id)) = conclusion else {
            Issue.record("\(conclusion)")
            return
        }
        #expect(bench.endpoint.tokenCalls.last?.path == "/token" && documentCalls == 1)
        // Another replica reads the document for itself.
        let replica = try replica()
        _ = try await bench.accessTokens(of: replica).current(
            id, workspaceID: Deployment.workspaceID, isForced: true)
        #expect(documentCalls == 2 && exchanges == 2)
        let gone = try await bench.disconnect(of: replica).end(id, workspaceID: Deployment.workspaceID)
        #expect(gone?.revocation == .revoked && bench.endpoint.revocations.count == 1)
    }

    @Test func `a document is read once for many flows`() async throws {
        serve(.slow(.milliseconds(100), .json(Self.document(bench.endpoint.url))))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { _ = try await begin() } }
            try await group.waitForAll()
        }
        #expect(documentCalls == 1)
    }

    @Test func `S09 a callback whose document cannot be read claims nothing and sends no code`() async throws
    {
        let flow = try await begin()
        let replica = try replica()
        serve(.json("{}", status: 404))
        guard case .refused(.undiscovered) = await verify(flow, in: replica) else {
            Issue.record("it was not refused")
            return
        }
        // The event loop leaves such a callback to what can wait.
        #expect(
            replica.verify.verifyAtOnce(
                Array("state=\(flow.state)&code=c".utf8), integrationID: "forge",
                context: Deployment.context(of: flow)) == nil)
        #expect(exchanges == 0)
        // Any other replica, or this one a moment later, takes the same code.
        serve(Self.document(bench.endpoint.url))
        let third = try self.replica()
        guard case .authorized(let authorized) = await verify(flow, in: third) else {
            Issue.record("it was not authorized")
            return
        }
        let conclusion = await bench.completion(of: third).complete(authorized, binding: .direct)
        guard case .finished(.success) = conclusion else {
            Issue.record("\(conclusion)")
            return
        }
    }

    @Test func `S35 endpoints that moved while a flow was out end it`() async throws {
        let flow = try await begin()
        serve(Self.document(bench.endpoint.url, token: "\(bench.endpoint.url)/moved"))
        guard case .ended(_, .restart) = await verify(flow, in: try replica()) else {
            Issue.record("it went on")
            return
        }
    }

    @Test func `S01 a forged state reads no document`() async throws {
        let flow = try await begin()
        let replica = try replica()
        let before = documentCalls
        let forged = String(flow.state.dropLast()) + (flow.state.last == "A" ? "B" : "A")
        _ = await replica.verify.verify(Array("state=\(forged)&code=c".utf8), integrationID: "forge")
        #expect(documentCalls == before)
    }

    @Test func `S24 a refresh whose document cannot be read sends no refresh token`() async throws {
        let flow = try await begin()
        let conclusion = await bench.completion().complete(
            try bench.deployment.delivered(flow, code: "code"), binding: .direct)
        guard case .finished(.success(let id)) = conclusion else {
            Issue.record("\(conclusion)")
            return
        }
        let sent = exchanges
        serve(.json("{}", status: 500))
        let replica = try replica()
        await #expect(throws: AccessTokenError.self) {
            try await bench.accessTokens(of: replica).current(
                id, workspaceID: Deployment.workspaceID, isForced: true)
        }
        #expect(exchanges == sent)
        let open = try await bench.read(id)
        #expect(open.credentials.refreshToken == "refresh-1" && open.connection.status != .expired)
    }

    // MARK: Documents that are none

    @Test func `S28 what is no document of the server's is refused`() async throws {
        let url = bench.endpoint.url
        let answers: [TokenEndpoint.Answer] = [
            .json("{}", status: 404), .json("{}"), .json("[]"), .json("<html>"), .garbage, .hang, .drop,
            .json(Self.document(url), status: 500),
            .raw("HTTP/1.1 302 Found\r\nLocation: \(url)/elsewhere\r\nContent-Length: 0\r\n\r\n"),
            .json(
                String(Self.document(url).dropLast())
                    + ",\"x\":\"\(String(repeating: "x", count: 1 << 16))\"}"),
            .json(Self.document(url, issuer: "\(url)/")),
            .json(Self.document(url, issuer: "https://evil.example")),
            .json(Self.document(url, token: "https://evil.example/token")),
            .json(Self.document(url, token: "http://127.0.0.2/token")),
            .json(Self.document(url, token: "http://id.example.com/token")),
        ]
        for answer in answers {
            serve(answer)
            // What failed is not asked for again at once, but by another reader.
            read()
            guard case .unusable = await failure() else {
                Issue.record("\(answer)")
                continue
            }
        }
        #expect(exchanges == 0)
        #expect(!bench.endpoint.tokenCalls.contains { $0.path == "/elsewhere" })
    }

    @Test func `S28 no more documents are read at once than there is room for`() async throws {
        let gate = Gate()
        bench.deployment.registry.discovery = ConnectionDiscovery(logger: bench.logs.logger) {
            (_: DiscoveryTarget) async throws(DiscoveryFetchError) -> DiscoveryDocument in
            await gate.wait()
            throw .status(404)
        }
        let url = bench.endpoint.url
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<Gate.room { group.addTask { _ = await failure("\(url)/\(index)") } }
            while await gate.waiting < Gate.room { await Task.yield() }
            #expect(await failure("\(url)/more") == .busy)
            await gate.open()
        }
    }

    @Test func `a server that failed is left alone for a moment`() async throws {
        serve(.json("{}", status: 404))
        for _ in 0..<10 { #expect(await failure() != nil) }
        #expect(documentCalls == 1)
    }

    @Test func `S28 one server too many that fails ends the first one's pause, and no other's`() async throws
    {
        let asked = Mutex<[String]>([])
        bench.deployment.registry.discovery = ConnectionDiscovery(
            failureLimit: 3, logger: bench.logs.logger
        ) { (target: DiscoveryTarget) async throws(DiscoveryFetchError) -> DiscoveryDocument in
            asked.withLock { $0.append(target.base) }
            throw .status(404)
        }
        let servers = (0..<4).map { "\(bench.endpoint.url)/\($0)" }
        for server in servers { _ = await failure(server) }
        for server in servers.reversed() { _ = await failure(server) }
        #expect(asked.withLock { $0 } == servers + [servers[0]])
    }

    @Test func `S19 a server at a private address is not asked`() async throws {
        let strict = ProviderHTTPClient(ProviderHTTPConfiguration(timeout: .milliseconds(500)))
        for address in ["10.0.0.1", "169.254.169.254", "127.0.0.1"] {
            await #expect(throws: DiscoveryFetchError.request(.forbiddenAddress)) {
                try await DiscoveryClient(strict).fetch(
                    DiscoveryTarget(kind: .oidc, base: "https://\(address)", isHostNamedByCaller: true))
            }
        }
        await strict.shutdown()
    }

    @Test func `without a reader no flow begins`() async throws {
        bench.deployment.registry.discovery = nil
        #expect(await failure() == .parameters(.discoveryPending))
    }
}

/// Holds up as many readings as may wait at once; one more goes through.
private actor Gate {
    static let room = 64

    private(set) var waiting = 0
    private var waiters: [CheckedContinuation<Void, Never>] = []

    func wait() async {
        waiting += 1
        guard waiting <= Self.room else { return }
        await withCheckedContinuation { waiters.append($0) }
    }

    func open() {
        for waiter in waiters { waiter.resume() }
        waiters = []
    }
}
