import Access
import ConnectService
import Connections
import ConnectionsTesting
import Encodings
import Integrations
import OAuth
import StateTokens
import Synchronization
import TestSupport
import Testing

@Suite("Flows that fail") struct FlowFailureTests {
    private static let timedOut = CompletionResult.finished(.failure(.exchangeTimedOut))

    private let bench: FlowBench

    init() async throws { bench = try await FlowBench() }

    // MARK: The token endpoint

    @Test(arguments: [
        TokenEndpoint.Answer.json("{}", status: 500), .json("{}", status: 503), .json("{}", status: 429),
        .garbage,
        .json("{}"), .json(""), .json("<html>"), .json("[]"), .json("null"), .json(#"{"access_token":""}"#),
        .json(#"{"access_token":1}"#), .json(#"{"access_token":null}"#), .json("{}", status: 302),
        .json("{}", status: 404),
        .json(#"{"error":"invalid_grant"}"#, status: 500), .json(#"{"access_token":"a","#),
        .json(#"{"access_token":"\#(String(repeating: "a", count: 1 << 20))"}"#),
    ])
    func `S09 an unknown outcome ends the flow, and its code is never sent again`(
        _ answer: TokenEndpoint.Answer
    )
        async throws
    {
        bench.endpoint.answer(answer)
        let flow = try bench.deployment.authorized()
        let first = await bench.completion().complete(flow, binding: .direct)
        #expect(first.failure?.code == "exchange_failed")
        bench.endpoint.answer(.json(Grant.json()))
        #expect(await bench.completion().complete(flow, binding: .direct) == first)
        #expect(bench.endpoint.tokenCalls.count == 1)
        #expect(try await bench.connections().isEmpty)
    }

    @Test(arguments: [false, true])
    func `S09 a token endpoint that answers too late ends the flow, and its code is never sent again`(
        _ answersAtLast: Bool
    ) async throws {
        let (isOver, over) = AsyncStream.makeStream(of: Void.self)
        let isAnswered = Mutex(false)
        let late = TokenEndpoint.Answer.after(
            {
                for await _ in isOver {}
                isAnswered.withLock { $0 = true }
            }, .json(Grant.json()))
        bench.endpoint.answer(answersAtLast ? late : .hang)
        let flow = try bench.deployment.authorized()
        #expect(await bench.completion(isHasty: true).complete(flow, binding: .direct) == Self.timedOut)
        bench.endpoint.answer(.json(Grant.json()))
        over.finish()
        if answersAtLast { try await eventually("it answers") { isAnswered.withLock { $0 } } }
        #expect(await bench.completion().complete(flow, binding: .direct) == Self.timedOut)
        #expect(bench.endpoint.tokenCalls.count == 1)
        #expect(try await bench.connections().isEmpty)
    }

    @Test(
        arguments: [
            ("invalid_client", .clientRejected), ("unauthorized_client", .clientRejected),
            ("incorrect_client_credentials", .clientRejected), ("invalid_scope", .requestRejected),
            ("unsupported_grant_type", .requestRejected), ("redirect_uri_mismatch", .requestRejected),
            ("interaction_required", .userActionRequired), ("consent_required", .userActionRequired),
            ("login_required", .userActionRequired), ("temporarily_unavailable", .providerUnavailable),
            ("server_error", .providerUnavailable), ("slow_down", .providerUnavailable),
        ] as [(String, FlowFailure)])
    func `S32 a definite rejection of anything but the code ends the flow, and says of what`(
        _ code: String, _ failure: FlowFailure
    ) async throws {
        bench.endpoint.answer(Grant.error(code))
        let flow = try bench.deployment.begin()
        let first = await bench.completion().complete(
            try bench.deployment.delivered(flow, code: "a"), binding: .direct)
        #expect(first == .finished(.failure(failure)))
        bench.endpoint.answer(.json(Grant.json()))
        let completion = bench.completion()
        #expect(
            await completion.complete(try bench.deployment.delivered(flow, code: "a"), binding: .direct)
                == first)
        #expect(
            await completion.complete(try bench.deployment.delivered(flow, code: "b"), binding: .direct)
                == .over)
        #expect(bench.endpoint.tokenCalls.count == 1)
    }

    @Test(arguments: [
        "invalid_grant", "invalid_code", "bad_verification_code", "code_expired", "invalid_request",
        "Invalid_Grant", "invalid_grant ", "40029", "",
    ])
    func `S32 a definite rejection of the code, in any words, frees the flow`(_ code: String) async throws {
        bench.endpoint.answer(Grant.error(code))
        let flow = try bench.deployment.begin()
        let completion = bench.completion()
        let junk = await completion.complete(
            try bench.deployment.delivered(flow, code: "a"), binding: .direct)
        #expect(junk == .finished(.failure(.codeRejected)))
        bench.endpoint.answer(.json(Grant.json()))
        #expect(
            await completion.complete(try bench.deployment.delivered(flow, code: "a"), binding: .direct)
                == junk)
        guard
            case .finished(.success) = await completion.complete(
                try bench.deployment.delivered(flow, code: "b"), binding: .direct)
        else {
            Issue.record("junk burned the flow")
            return
        }
        #expect(bench.endpoint.tokenCalls.count == 2)
    }

    @Test(
        arguments: [
            (.json("{}", status: 500), .providerUnavailable),
            (.json("{}", status: 429), .providerUnavailable),
            (.garbage, .exchangeInterrupted), (.json("{}"), .responseUnusable),
            (.json("<html>"), .responseUnusable), (.json("{}", status: 404), .responseUnusable),
        ] as [(TokenEndpoint.Answer, FlowFailure)])
    func `a failure says what happened`(_ answer: TokenEndpoint.Answer, _ failure: FlowFailure) async throws {
        bench.endpoint.answer(answer)
        let conclusion = await bench.completion().complete(
            try bench.deployment.authorized(), binding: .direct)
        #expect(conclusion == .finished(.failure(failure)))
    }

    @Test func `S28 a token endpoint that hangs costs no more than the service's own time-out`() async throws
    {
        let bench = try await FlowBench(providerTimeout: .seconds(1))
        bench.endpoint.answer(.hang)
        let start = ContinuousClock.now
        #expect(
            await bench.completion().complete(try bench.deployment.authorized(), binding: .direct)
                == Self.timedOut)
        #expect(ContinuousClock.now - start < .seconds(5))
    }

    @Test(arguments: ["nonce", "other"])
    func `an ID token of another flow ends this one`(_ kind: String) async throws {
        let flow = try bench.deployment.authorized(
            InitiateCommand(integrationID: "sample", scopes: ["openid"]))
        let nonce = kind == "nonce" ? flow.verified.flowID.nonce : "another-flow-s-nonce"
        let payload = Base64URL.encode(Array(#"{"sub":"1","nonce":"\#(nonce)"}"#.utf8).span)
        bench.endpoint.answer(.json(Grant.json(more: #","id_token":"e30.\#(payload).AA""#)))
        let conclusion = await bench.completion().complete(flow, binding: .direct)
        #expect((conclusion.failure == .idTokenRejected) == (kind == "other"))
    }

    @Test func `an ID token without the nonce that was sent ends the flow`() async throws {
        bench.endpoint.answer(.json(Grant.json(more: #","id_token":"e30.e30.AA""#)))
        let flow = try bench.deployment.authorized(
            InitiateCommand(integrationID: "sample", scopes: ["openid"]))
        #expect(await bench.completion().complete(flow, binding: .direct).failure == .idTokenRejected)
        #expect(try await bench.connections().isEmpty)
    }

    @Test(arguments: ["{}", #"{"nonce":"nobody-sent-it"}"#, #"{"nonce":1}"#])
    func `an ID token may have a nonce or none where none was sent`(_ claims: String) async throws {
        let payload = Base64URL.encode(Array(claims.utf8).span)
        bench.endpoint.answer(.json(Grant.json(more: #","id_token":"e30.\#(payload).AA""#)))
        guard
            case .finished(.success) = await bench.completion().complete(
                try bench.deployment.authorized(), binding: .direct)
        else {
            Issue.record("no connection")
            return
        }
    }

    @Test(arguments: ["a", "a.b", "a.b.c.d", "e30.!.AA", "e30.W10.AA", "e30.e30", "..", "e30.bnVsbA.AA"])
    func `a text that is no ID token ends the flow`(_ text: String) async throws {
        bench.endpoint.answer(.json(Grant.json(more: #","id_token":"\#(text)""#)))
        let conclusion = await bench.completion().complete(
            try bench.deployment.authorized(), binding: .direct)
        #expect(conclusion.failure == .idTokenRejected)
        #expect(try await bench.connections().isEmpty)
    }

    // MARK: Certainly not sent

    @Test func `S08 a code that was certainly not sent is sent when the provider can be reached`()
        async throws
    {
        let bench = try await FlowBench(providerTimeout: .seconds(1))
        let port = try LoopbackPort.free()
        let deployment = try Deployment(catalog: Catalogs.sample(at: "http://127.0.0.1:\(port)"))
        let flow = try deployment.authorized()
        for _ in 0..<2 {
            #expect(await bench.completion(of: deployment).complete(flow, binding: .direct) == .notSent)
        }
        #expect(bench.endpoint.tokenCalls.isEmpty)
        let endpoint = try await TokenEndpoint(port: port)
        let conclusion = await bench.completion(of: deployment).complete(flow, binding: .direct)
        guard case .finished(.success) = conclusion else {
            Issue.record("the flow was over: \(conclusion)")
            return
        }
        #expect(endpoint.tokenCalls.count == 1)
        #expect(await bench.completion(of: deployment).complete(flow, binding: .direct) == conclusion)
    }

    @Test func `a provider that is back within the time-out is asked without another callback`() async throws
    {
        let port = try LoopbackPort.free()
        let deployment = try Deployment(catalog: Catalogs.sample(at: "http://127.0.0.1:\(port)"))
        let flow = try deployment.authorized()
        let completion = bench.completion(of: deployment)
        async let conclusion = completion.complete(flow, binding: .direct)
        try await Task.sleep(for: .milliseconds(100))
        let endpoint = try await TokenEndpoint(port: port)
        #expect(await conclusion.failure == nil)
        #expect(endpoint.tokenCalls.count == 1)
    }

    @Test func `S30 a claim that cannot be given back is told as the store's failure`() async throws {
        let bench = try await FlowBench(providerTimeout: .milliseconds(200))
        bench.faults.fail(.release)
        let deployment = try Deployment(
            catalog: Catalogs.sample(at: "http://127.0.0.1:\(try LoopbackPort.free())"))
        #expect(
            await bench.completion(of: deployment).complete(try deployment.authorized(), binding: .direct)
                == .storeUnavailable)
    }

    // MARK: The store

    @Test func `S30 without a store no token request is made, and the code stays good`() async throws {
        let flow = try bench.deployment.authorized()
        bench.faults.fail(.claim)
        for _ in 0..<3 {
            #expect(await bench.completion().complete(flow, binding: .direct) == .storeUnavailable)
        }
        #expect(bench.endpoint.tokenCalls.isEmpty)
        bench.faults.fail(.claim, times: 0)
        guard case .finished(.success) = await bench.completion().complete(flow, binding: .direct) else {
            Issue.record("the code was burned")
            return
        }
    }

    @Test func `S30 a delivery that waits for another learns when the store is away`() async throws {
        bench.endpoint.answer(.slow(.seconds(2), .json(Grant.json())))
        let flow = try bench.deployment.authorized()
        let first = bench.completion()
        let second = bench.completion()
        async let owner = first.complete(flow, binding: .direct)
        try await bench.endpoint.received(1)
        bench.faults.fail(.progress)
        #expect(await second.complete(flow, binding: .direct) == .storeUnavailable)
        guard case .finished(.success) = await owner else {
            Issue.record("no connection")
            return
        }
    }

    @Test func `S21 a store that is away for a moment at the end loses nothing`() async throws {
        bench.faults.fail(.finish, times: 2)
        guard
            case .finished(.success) = await bench.completion().complete(
                try bench.deployment.authorized(), binding: .direct)
        else {
            Issue.record("no connection")
            return
        }
        #expect(bench.endpoint.revocations.isEmpty)
        #expect(try await bench.connections().count == 1)
    }

    @Test func `S21 what cannot be stored is given back`() async throws {
        bench.faults.fail(.finish)
        let flow = try bench.deployment.authorized()
        #expect(await bench.completion().complete(flow, binding: .direct) == .storeUnavailable)
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["refresh-1"])
        bench.faults.fail(.finish, times: 0)
        bench.databaseClock.advance(by: .seconds(60))
        #expect(await bench.completion().complete(flow, binding: .direct) == .finished(.failure(.restart)))
        #expect(bench.endpoint.tokenCalls.count == 1)
        #expect(try await bench.connections().isEmpty)
    }

    @Test func `S21 a commit whose answers were all lost is found, and its grant is kept`() async throws {
        let flow = try bench.deployment.authorized()
        // The claim is the first call, and the first commit the second.
        bench.faults.plan(PlannedFault(left: 2, action: .failAfterwards))
        bench.faults.fail(.finish)
        guard case .finished(.success) = await bench.completion().complete(flow, binding: .direct) else {
            Issue.record("the connection is stored, and its user was not told")
            return
        }
        #expect(bench.endpoint.revocations.isEmpty)
        #expect(try await bench.connections().count == 1)
    }

    @Test func `S21 while the store does not say whether a grant was stored it is not revoked`() async throws
    {
        // Nobody is looked up who may share the grant.
        let bench = try await FlowBench("revocation: {ends: token}")
        let flow = try bench.deployment.authorized()
        bench.faults.plan(PlannedFault(left: 2, action: .failAfterwards))
        bench.faults.fail(.finish)
        bench.faults.fail(.progress)
        #expect(await bench.completion().complete(flow, binding: .direct) == .storeUnavailable)
        #expect(bench.endpoint.revocations.isEmpty)
        bench.faults.fail(.progress, times: 0)
        guard case .finished(.success) = await bench.completion().complete(flow, binding: .direct) else {
            Issue.record("the connection is stored, and its user was not told")
            return
        }
        #expect(bench.endpoint.tokenCalls.count == 1)
    }

    @Test(arguments: [
        #""scope":"\#(String(repeating: "s", count: TokenResponseLimits.scope + 1))""#,
        #""token_type":"\#(String(repeating: "t", count: TokenResponseLimits.tokenType + 1))""#,
        #""extra":"\#(String(repeating: "x", count: TokenResponseLimits.response))""#,
    ])
    func `S28 a grant with more than can be kept is revoked`(_ member: String) async throws {
        bench.endpoint.answer(.json(#"{"access_token":"a","refresh_token":"refresh-1",\#(member)}"#))
        let flow = try bench.deployment.authorized()
        let conclusion = await bench.completion().complete(flow, binding: .direct)
        #expect(conclusion == .finished(.failure(.responseUnusable)))
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["refresh-1"])
        #expect(try await bench.connections().isEmpty)
    }

    @Test(arguments: [1, 10, 30])
    func `a claim is held for longer than all its steps can take`(_ seconds: Int) {
        let settings = ServiceSettings(
            publicURL: bench.deployment.settings.publicURL, providerTimeout: .seconds(seconds))
        // Token request, key set, second exchange and look-up, then the pauses between five attempts to store it.
        let steps = Duration.seconds(seconds * 2) + .seconds(10) + .milliseconds(200 + 400 + 800 + 1600)
        #expect(settings.claimLease > steps + .seconds(10))
    }

    @Test func `S21 what cannot be sealed is not stored, and is given back`() async throws {
        let keyring = KeyringReference(
            try TestKeys.ring([TestKeys.key(9, status: .disabled)], purpose: .connections))
        let flow = try bench.deployment.authorized()
        #expect(
            await bench.completion(sealingWith: keyring).complete(flow, binding: .direct).failure
                == .notStored)
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["refresh-1"])
        #expect(bench.endpoint.revocations.map { $0.fields["token_type_hint"] } == ["refresh_token"])
        #expect(try await bench.connections().isEmpty)
        #expect(await bench.completion().complete(flow, binding: .direct).failure == .notStored)
        #expect(bench.endpoint.tokenCalls.count == 1)
    }

    @Test func `S21 an access token without refresh token is given back itself`() async throws {
        bench.endpoint.answer(.json(Grant.json(refresh: nil)))
        let keyring = KeyringReference(
            try TestKeys.ring([TestKeys.key(9, status: .disabled)], purpose: .connections))
        _ = await bench.completion(sealingWith: keyring).complete(
            try bench.deployment.authorized(), binding: .direct)
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["access-1"])
        #expect(bench.endpoint.revocations.map { $0.fields["token_type_hint"] } == ["access_token"])
    }

    @Test func `S09 an owner that comes back late discards what it got and gives it back`() async throws {
        bench.endpoint.answer(
            .after({ [bench] in bench.databaseClock.advance(by: .seconds(60)) }, .json(Grant.json())))
        let flow = try bench.deployment.authorized()
        #expect(await bench.completion().complete(flow, binding: .direct) == .finished(.failure(.restart)))
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["refresh-1"])
        #expect(try await bench.connections().isEmpty)
    }

    // MARK: S19

    @Test func `S19 a token response cannot replace a template parameter`() async throws {
        let endpoint = bench.endpoint.url
        let deployment = try Deployment(
            catalog: Catalogs.sample(
                at: "\(endpoint)/{tenant}",
                "parameters: {tenant: {label: Tenant, kind: segment}}\nresponse: {fields: [tenant]}"))
        let flow = try deployment.authorized(
            InitiateCommand(integrationID: "sample", parameters: ["tenant": "mine"]))
        bench.endpoint.answer(.json(Grant.json(more: #","tenant":"other""#)))
        guard case .finished(.success(let id)) = await bench.completion().complete(flow, binding: .direct)
        else {
            Issue.record("no connection")
            return
        }
        #expect(bench.endpoint.tokenCalls.map(\.path) == ["/mine/token/sample"])
        #expect(try await bench.read(id).connection.config["tenant"] == "mine")
    }
}

extension CompletionResult {
    /// Why the flow made no connection; `nil` if it did, or is not over.
    var failure: FlowFailure? {
        guard case .finished(.failure(let failure)) = self else { return nil }
        return failure
    }
}
