import Access
import ConnectService
import Connections
import Integrations
import StateTokens
import Testing

@Suite("Renewal") struct RenewalTests {
    private static let notFound = CompletionResult.finished(.failure(.connectionNotFound))

    private let bench: FlowBench

    init() async throws { bench = try await FlowBench() }

    @Test func `a renewal puts new credentials into the connection`() async throws {
        let id = try await bench.connect(userID: "user_1")
        bench.endpoint.answer(.json(Grant.json(token: "access-2", refresh: "refresh-2")))
        let flow = try bench.renewal(of: id, userID: "user_1")
        #expect(await bench.completion().complete(flow, binding: .confirmed) == .finished(.success(id)))
        let found = try await bench.read(id)
        #expect(found.credentials.accessToken == "access-2")
        #expect(found.credentials.refreshToken == "refresh-2")
        #expect(found.connection.binding == .confirmed)
        #expect(found.connection.flowID == flow.verified.flowID)
        #expect(found.connection.userID == "user_1")
        #expect(try await bench.connections().count == 1)
        #expect(bench.endpoint.revocations.isEmpty)
    }

    @Test func `label and tags are stored, and a renewal changes those that it brings`() async throws {
        var command = InitiateCommand(integrationID: "sample", label: "Ada's", tags: ["plan": "pro"])
        command.redirectURI = Deployment.redirectURI
        bench.endpoint.answer(.json(Grant.json()))
        let first = try bench.deployment.authorized(code: "first", command)
        guard case .finished(.success(let id)) = await bench.completion().complete(first, binding: .confirmed)
        else {
            Issue.record("not connected")
            return
        }
        #expect(try await bench.read(id).connection.label == "Ada's")
        #expect(try await bench.read(id).connection.tags == ["plan": "pro"])
        _ = await bench.completion().complete(try bench.renewal(of: id), binding: .direct)
        #expect(try await bench.read(id).connection.label == "Ada's")
        #expect(try await bench.read(id).connection.tags == ["plan": "pro"])
        command.connectionID = id.description
        command.label = nil
        command.tags = ["plan": "free", "é": ""]
        _ = await bench.completion().complete(
            try bench.deployment.authorized(code: "third", command), binding: .direct)
        #expect(try await bench.read(id).connection.label == "Ada's")
        #expect(try await bench.read(id).connection.tags == ["plan": "free", "é": ""])
    }

    @Test func `a renewal brings an expired connection back`() async throws {
        let id = try await bench.connect()
        let old = try await bench.read(id).connection
        _ = try await bench.store.update(
            id, workspaceID: old.workspaceID, ifRevision: old.revision,
            ConnectionChanges(status: .init(.expired, reason: "gone")))
        #expect(
            await bench.completion().complete(try bench.renewal(of: id), binding: .direct)
                == .finished(.success(id)))
        #expect(try await bench.read(id).connection.status == .active)
    }

    @Test(arguments: [
        ("account-2", "account_mismatch"), ("Account-1", "account_mismatch"), ("", "account_unknown"),
        (nil, "account_unknown"),
    ])
    func `S38 a renewal with another account changes nothing`(_ account: String?, _ error: String)
        async throws
    {
        let id = try await bench.connect()
        let before = try await bench.read(id)
        bench.endpoint.answer(.json(Grant.json(token: "access-2", refresh: "refresh-2", account: account)))
        let flow = try bench.renewal(of: id)
        let conclusion = await bench.completion().complete(flow, binding: .direct)
        guard case .finished(.failure(let failure)) = conclusion, failure.reason == error else {
            Issue.record("\(conclusion)")
            return
        }
        let after = try await bench.read(id)
        #expect(after.connection == before.connection)
        #expect(after.credentials == before.credentials)
        // An account that is not named may be the very one that the connection lives by.
        let revoked = failure == .accountMismatch ? ["refresh-2"] : []
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == revoked)
        #expect(await bench.completion().complete(flow, binding: .direct) == conclusion)
        #expect(try await bench.connections().count == 1)
    }

    @Test func `S45 a renewal with another account ends nothing of that account's`() async throws {
        let alices = try await bench.connect(Grant.json(account: "alice"))
        let bobs = try await bench.connect(
            Grant.json(token: "access-2", refresh: "refresh-2", account: "bob"), code: "second")
        bench.endpoint.answer(.json(Grant.json(token: "access-3", refresh: "refresh-3", account: "bob")))
        _ = await bench.completion().complete(try bench.renewal(of: alices, code: "third"), binding: .direct)
        #expect(bench.endpoint.revocations.isEmpty)
        #expect(try await bench.read(alices).credentials.refreshToken == "refresh-1")
        #expect(try await bench.read(bobs).credentials.refreshToken == "refresh-2")
    }

    @Test(arguments: ["conn_AAAAAAAAAAAAAAAAAAAAAA", "conn_BBBBBBBBBBBBBBBBBBBBBA"])
    func `S22 without the connection no code is sent`(_ id: String) async throws {
        let flow = try bench.deployment.authorized(
            InitiateCommand(integrationID: "sample", connectionID: id))
        #expect(await bench.completion().complete(flow, binding: .direct) == Self.notFound)
        #expect(bench.endpoint.tokenCalls.isEmpty)
        #expect(try await bench.connections().isEmpty)
    }

    @Test func `S22 another workspace's connection is not found`() async throws {
        let id = try await bench.connect()
        var state = try bench.renewal(of: id).verified.state
        state.workspaceID = "wsp_other"
        state.redirectURI = nil
        var deployment = bench.deployment
        deployment.workspaces = try Deployment.workspaces([], id: "wsp_other")
        guard
            case .authorized(let flow) = deployment.callback(
                "code=second&state=\(try deployment.seal(state))")
        else {
            Issue.record("refused")
            return
        }
        #expect(await bench.completion().complete(flow, binding: .direct) == Self.notFound)
        #expect(bench.endpoint.tokenCalls.count == 1)
    }

    @Test func `S06 a connection of another integration is not found`() async throws {
        let id = try await bench.connect()
        var deployment = bench.deployment
        deployment.registry = try Deployment.registry(Catalogs.sample(at: bench.endpoint.url, id: "other"))
        let begun = try deployment.begin(
            InitiateCommand(integrationID: "other", connectionID: id.description))
        let flow = try deployment.delivered(begun, code: "second")
        #expect(await bench.completion().complete(flow, binding: .direct) == Self.notFound)
        #expect(bench.endpoint.tokenCalls.map(\.path) == ["/token/sample"])
    }

    @Test func `S38 a user does not renew another user's connection`() async throws {
        let id = try await bench.connect(Grant.json(account: nil), userID: "user_1")
        let before = try await bench.read(id)
        bench.endpoint.answer(.json(Grant.json(token: "access-2", account: nil)))
        let conclusion = await bench.completion().complete(
            try bench.renewal(of: id, userID: "user_2"), binding: .direct)
        #expect(conclusion == Self.notFound)
        #expect(try await bench.read(id).credentials == before.credentials)
        #expect(bench.endpoint.tokenCalls.count == 1)
    }

    @Test func `S24 a connection that is refreshed under its renewal is renewed, and its grant not revoked`()
        async throws
    {
        let id = try await bench.connect()
        bench.endpoint.answer(
            .after(
                { [bench] in try await bench.replaceCredentials(of: id, with: "access-9") },
                .json(Grant.json(token: "access-2", refresh: "refresh-2"))))
        #expect(
            await bench.completion().complete(try bench.renewal(of: id), binding: .direct)
                == .finished(.success(id)))
        #expect(try await bench.read(id).credentials.accessToken == "access-2")
        #expect(bench.endpoint.revocations.isEmpty)
    }

    @Test func `S38 a connection that changes its account under its renewal is left alone`() async throws {
        let id = try await bench.connect()
        let old = try await bench.read(id).connection
        bench.endpoint.answer(
            .after(
                { [bench] in
                    _ = try await bench.store.update(
                        id, workspaceID: old.workspaceID, ifRevision: old.revision,
                        ConnectionChanges(account: ProviderAccount(id: "account-9", label: nil)))
                }, .json(Grant.json(token: "access-2", refresh: "refresh-2"))))
        #expect(
            await bench.completion().complete(try bench.renewal(of: id), binding: .direct)
                == .finished(.failure(.restart)))
        #expect(try await bench.read(id).credentials.accessToken == "access-1")
    }

    @Test func `a connection that is deleted under its renewal does not come back`() async throws {
        let id = try await bench.connect()
        bench.endpoint.answer(
            .after(
                { [bench] in _ = try await bench.store.delete(id, workspaceID: Deployment.workspaceID) },
                .json(Grant.json(token: "access-2", refresh: "refresh-2"))))
        let conclusion = await bench.completion().complete(try bench.renewal(of: id), binding: .direct)
        #expect(conclusion == .finished(.failure(.restart)))
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["refresh-2"])
        #expect(try await bench.connections().isEmpty)
    }

    @Test func `S30 a store that is away before the exchange sends no code`() async throws {
        let id = try await bench.connect()
        bench.faults.fail(.connection)
        let renewal = try bench.renewal(of: id)
        #expect(await bench.completion().complete(renewal, binding: .direct) == .storeUnavailable)
        #expect(bench.endpoint.tokenCalls.count == 1)
        bench.faults.fail(.connection, times: 0)
        #expect(await bench.completion().complete(renewal, binding: .direct) == .finished(.success(id)))
    }
}
