import Access
import ConnectService
import Connections
import ConnectionsTesting
import Encodings
import Integrations
import StateTokens
import Testing

@Suite("FlowCompletion") struct FlowCompletionTests {
    private let bench: FlowBench

    init() async throws { bench = try await FlowBench("response: {fields: [team.id]}") }

    @Test func `a code becomes a connection with what was granted`() async throws {
        bench.endpoint.answer(
            .json(Grant.json(more: #","scope":"read","team":{"id":"T1"},"extra":1"#)))
        let flow = try bench.deployment.authorized(
            code: "co/de+1", InitiateCommand(integrationID: "sample", redirectURI: Deployment.redirectURI),
            userID: "user_1")
        guard case .finished(.success(let id)) = await bench.completion().complete(flow, binding: .direct)
        else {
            Issue.record("no connection")
            return
        }
        let found = try await bench.read(id)
        let connection = found.connection
        #expect(connection.workspaceID == Deployment.workspaceID)
        #expect(connection.userID == "user_1")
        #expect(connection.integrationID == "sample")
        #expect(connection.label == "Sample")
        #expect(connection.status == .active)
        #expect(connection.scopesRequested == ["read", "write"])
        #expect(connection.scopesGranted == ["read"])
        #expect(connection.config == ["team.id": "T1"])
        #expect(connection.account == ProviderAccount(id: "account-1", label: nil))
        #expect(connection.binding == .direct)
        #expect(connection.flowID == flow.verified.flowID)
        #expect(connection.expiresAt == bench.deployment.clock.now + .seconds(3_600))
        #expect(found.credentials.accessToken == "access-1")
        #expect(found.credentials.refreshToken == "refresh-1")
        #expect(found.credentials.raw.contains(#""extra":1"#))
    }

    @Test func `S16 the token request carries the code, its verifier and the very redirect URI of the flow`()
        async throws
    {
        let flow = try bench.deployment.authorized(code: "co/de+1")
        _ = await bench.completion().complete(flow, binding: .direct)
        let call = try #require(bench.endpoint.tokenCalls.first)
        #expect(call.path == "/token/sample")
        #expect(
            call.fields == [
                "grant_type": "authorization_code", "code": "co/de+1",
                "redirect_uri": "https://connect.example.com/api/v1/oauth/callback/sample",
                "code_verifier": try #require(flow.verified.state.codeVerifier).text, "client_id": "client",
                "client_secret": "secret",
            ])
    }

    // MARK: Once

    @Test
    func
        `S08 a hundred simultaneous deliveries over two replicas make one token request and have one outcome`()
        async throws
    {
        bench.endpoint.answer(.slow(.milliseconds(200), .json(Grant.json())))
        let flow = try bench.deployment.authorized()
        let replicas = [bench.completion(), bench.completion(over: try bench.replica())]
        let conclusions = await withTaskGroup(of: CompletionResult.self) { group in
            for delivery in 0..<100 {
                group.addTask { await replicas[delivery % 2].complete(flow, binding: .direct) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(bench.endpoint.tokenCalls.count == 1)
        #expect(bench.endpoint.revocations.isEmpty)
        let connections = try await bench.connections()
        #expect(connections.count == 1)
        let id = try #require(connections.first?.id)
        #expect(conclusions == [CompletionResult](repeating: .finished(.success(id)), count: 100))
    }

    @Test func `S08 the same code again gets the first one's outcome, and is not sent`() async throws {
        let flow = try bench.deployment.authorized()
        let first = await bench.completion().complete(flow, binding: .direct)
        bench.endpoint.answer(Grant.error("invalid_grant"))
        for _ in 0..<5 { #expect(await bench.completion().complete(flow, binding: .direct) == first) }
        #expect(await bench.completion(over: try bench.replica()).complete(flow, binding: .direct) == first)
        #expect(bench.endpoint.tokenCalls.count == 1)
        #expect(try await bench.connections().count == 1)
    }

    @Test func `S08 two flows with the same code are two flows`() async throws {
        let completion = bench.completion()
        let first = await completion.complete(try bench.deployment.authorized(code: "same"), binding: .direct)
        let second = await completion.complete(
            try bench.deployment.authorized(code: "same"), binding: .direct)
        #expect(first != second)
        #expect(bench.endpoint.tokenCalls.count == 2)
    }

    @Test func `S08 a delivery whose client goes away still comes to its end`() async throws {
        bench.endpoint.answer(.slow(.milliseconds(200), .json(Grant.json())))
        let flow = try bench.deployment.authorized()
        let completion = bench.completion()
        let delivery = Task { await completion.complete(flow, binding: .direct) }
        try await bench.endpoint.received(1)
        delivery.cancel()
        let conclusion = await delivery.value
        guard case .finished(.success) = conclusion else {
            Issue.record("abandoned: \(conclusion)")
            return
        }
        #expect(try await bench.connections().count == 1)
    }

    @Test func `S09 a flow whose owner died is over, and its code is not sent`() async throws {
        let flow = try bench.deployment.authorized()
        let hash = try #require(CodeHash(octets: try bench.deployment.codeHash(of: "code-1", flow)))
        let claimed = try await bench.store.claim(
            flow: flow.verified.flowID, codeHash: hash, owner: try LeaseOwner.random(), lease: .seconds(30),
            keep: .seconds(900))
        #expect(claimed == .claimed)
        // Of what is asked of the store, a claim comes first, and then one look after the other.
        let end = PlannedFault(
            left: 3, action: .run { [bench] in bench.databaseClock.advance(by: .seconds(30)) })
        bench.faults.plan(end)
        #expect(await bench.completion().complete(flow, binding: .direct) == .finished(.failure(.restart)))
        #expect(bench.faults.hasFired, "it waited")
        #expect(await bench.completion().complete(flow, binding: .direct) == .finished(.failure(.restart)))
        #expect(bench.endpoint.tokenCalls.isEmpty)
    }

    @Test func `an app is told of a flow that nothing comes of, with the flow's user and label`() async throws
    {
        let target = WebhookTarget(workspaceID: Deployment.workspaceID, url: "https://app.example.com/hooks")
        let store = try bench.replica(subscriptions: WebhookSubscriptions([target: [.flowFailed]]))
        bench.endpoint.refuseAllBut("mine")
        let flow = try bench.deployment.authorized(
            InitiateCommand(
                integrationID: "sample", redirectURI: Deployment.redirectURI, label: "Mine",
                tags: ["team": "a"]), userID: "ada")
        #expect(
            await bench.completion(over: store).complete(flow, binding: .direct)
                == .finished(.failure(.codeRejected)))
        #expect(try await store.base.announceAbandonedFlows(limit: 10) == 0)
        bench.databaseClock.advance(by: .seconds(3_600))
        #expect(try await store.base.announceAbandonedFlows(limit: 10) == 1)
        let told = try await store.base.webhooks(workspaceID: nil, areDead: nil, limit: 10)
        #expect(told.map(\.subject) == [flow.verified.flowID.description])
        let body = try #require(told.first?.body)
        for part in [#""user_id":"ada""#, #""integration":"sample""#, #""label":"Mine""#, #"{"team":"a"}"#] {
            #expect(body.contains(part), "\(part) in \(body)")
        }
    }

    @Test func `S33 a key that is disabled after the verification claims nothing`() async throws {
        let flow = try bench.deployment.authorized()
        bench.deployment.stateKeyring.replace(
            with: try TestKeys.ring([TestKeys.key(1, status: .disabled), TestKeys.key(2)]))
        #expect(await bench.completion().complete(flow, binding: .direct) == .finished(.failure(.restart)))
        #expect(bench.endpoint.tokenCalls.isEmpty)
        bench.deployment.stateKeyring.replace(with: try TestKeys.ring([TestKeys.key(1)]))
        guard case .finished(.success) = await bench.completion().complete(flow, binding: .direct) else {
            Issue.record("the flow was claimed")
            return
        }
    }

    // MARK: Strangers

    @Test func `S32 a refused code frees the flow for another`() async throws {
        bench.endpoint.refuseAllBut("mine")
        let flow = try bench.deployment.begin()
        let completion = bench.completion()
        for junk in ["junk-1", "junk-2"] {
            let conclusion = await completion.complete(
                try bench.deployment.delivered(flow, code: junk), binding: .direct)
            #expect(conclusion == .finished(.failure(.codeRejected)))
        }
        guard
            case .finished(.success) = await completion.complete(
                try bench.deployment.delivered(flow, code: "mine"), binding: .direct)
        else {
            Issue.record("junk burned the flow")
            return
        }
        #expect(bench.endpoint.tokenCalls.map { $0.fields["code"] } == ["junk-1", "junk-2", "mine"])
    }

    @Test func `S32 a dozen junk codes do not end a flow, and each of them is sent once`() async throws {
        bench.endpoint.refuseAllBut("mine")
        let flow = try bench.deployment.begin()
        let completion = bench.completion()
        for _ in 0..<3 {
            for code in 0..<12 {
                let conclusion = await completion.complete(
                    try bench.deployment.delivered(flow, code: "junk-\(code)"), binding: .direct)
                #expect(conclusion == .finished(.failure(.codeRejected)))
            }
        }
        #expect(bench.endpoint.tokenCalls.map { $0.fields["code"] } == (0..<12).map { "junk-\($0)" })
        let own = await completion.complete(
            try bench.deployment.delivered(flow, code: "mine"), binding: .direct)
        #expect(own.failure == nil && own != .working)
    }

    @Test func `S32 an address that tries many codes waits, and no other address does`() async throws {
        bench.endpoint.refuseAllBut("mine")
        let flow = try bench.deployment.begin()
        let completion = bench.completion()
        let stranger = IPAddress("203.0.113.9")
        var rejected = 0
        for code in 0..<40 {
            let conclusion = await completion.complete(
                try bench.deployment.delivered(flow, code: "junk-\(code)"), binding: .direct, from: stranger)
            if conclusion != .working { rejected += 1 }
        }
        #expect((10...15).contains(rejected))
        #expect(bench.endpoint.tokenCalls.count == rejected)
        let own = await completion.complete(
            try bench.deployment.delivered(flow, code: "mine"), binding: .direct,
            from: IPAddress("203.0.113.10"))
        #expect(own.failure == nil && own != .working)
    }

    @Test func `S08 what is not rejected is not limited`() async throws {
        let flow = try bench.deployment.authorized()
        let completion = bench.completion()
        let first = await completion.complete(flow, binding: .direct, from: IPAddress("203.0.113.9"))
        for _ in 0..<30 {
            #expect(
                await completion.complete(flow, binding: .direct, from: IPAddress("203.0.113.9")) == first)
        }
    }

    @Test func `S32 another code for a finished flow learns nothing`() async throws {
        let flow = try bench.deployment.begin()
        let completion = bench.completion()
        guard
            case .finished(.success) = await completion.complete(
                try bench.deployment.delivered(flow, code: "mine"), binding: .direct)
        else {
            Issue.record("no connection")
            return
        }
        for code in ["junk", "mine ", "Mine", "min"] {
            let stranger = try bench.deployment.delivered(flow, code: code)
            #expect(await completion.complete(stranger, binding: .direct) == .over)
        }
        #expect(bench.endpoint.tokenCalls.count == 1)
    }

    @Test func `S32 another code for a failed flow learns nothing`() async throws {
        bench.endpoint.answer(.json("{}", status: 500))
        let flow = try bench.deployment.begin()
        let completion = bench.completion()
        _ = await completion.complete(try bench.deployment.delivered(flow, code: "mine"), binding: .direct)
        #expect(
            await completion.complete(try bench.deployment.delivered(flow, code: "junk"), binding: .direct)
                == .over)
        #expect(bench.endpoint.tokenCalls.count == 1)
    }

    @Test func `S32 the user's own code waits for a stranger's, and is sent after it was refused`()
        async throws
    {
        bench.endpoint.script { call in
            call.fields["code"] == "mine"
                ? .json(Grant.json()) : .slow(.milliseconds(300), Grant.error("invalid_grant"))
        }
        let flow = try bench.deployment.begin()
        let completion = bench.completion()
        let stranger = try bench.deployment.delivered(flow, code: "junk")
        let own = try bench.deployment.delivered(flow, code: "mine")
        async let refused = completion.complete(stranger, binding: .direct)
        try await bench.endpoint.received(1)
        async let granted = completion.complete(own, binding: .direct)
        #expect(await refused == .finished(.failure(.codeRejected)))
        guard case .finished(.success) = await granted else {
            Issue.record("junk burned the flow")
            return
        }
    }

    @Test func `S23 no code, verifier, state or token is logged`() async throws {
        let flow = try bench.deployment.authorized(code: "canary-code-0123456789")
        let completion = bench.completion()
        _ = await completion.complete(flow, binding: .direct)
        for answer: TokenEndpoint.Answer in [
            .json(#"{"error":"invalid_request","error_description":"canary-code-0123456789"}"#, status: 400),
            .json(#"{"access":"canary-code-0123456789"}"#), .json("canary-code-0123456789", status: 500),
        ] {
            bench.endpoint.answer(answer)
            _ = await completion.complete(
                try bench.deployment.authorized(code: "canary-code-0123456789"), binding: .direct)
        }
        bench.faults.fail(.claim)
        _ = await completion.complete(flow, binding: .direct)
        let verifier = try #require(flow.verified.state.codeVerifier).text
        #expect(!bench.logs.text.isEmpty)
        for secret in ["canary-code-0123456789", verifier, flow.stateText, "access-1", "refresh-1"] {
            #expect(!bench.logs.text.contains(secret))
        }
    }
}

extension TokenEndpoint {
    func refuseAllBut(_ code: String) {
        script { $0.fields["code"] == code ? .json(Grant.json()) : Grant.error("invalid_grant") }
    }
}

extension Deployment {
    /// As the claim keeps it.
    func codeHash(of code: String, _ flow: AuthorizedFlow) throws -> [UInt8] {
        let purpose = try #require(Purpose("code"))
        return try stateSealer.keyedHash(
            of: Array(code.utf8).span, label: purpose, context: flow.verified.flowID.octets.span,
            key: flow.verified.keyID)
    }
}
