import ConnectService
import Connections
import Integrations
import StateTokens
import Testing

/// Who connects again has the connection from before, renewed.
@Suite("A second flow of one account") struct SecondFlowTests {
    /// What a flow is for, and what the provider says of it.
    struct Flow: Sendable, CustomTestStringConvertible {
        var user: String? = "user_1"
        var workspace = Deployment.workspaceID
        var client = "client"
        var integration = "sample"
        var realm: String?
        var account: String? = "account-1"
        var isNew = false

        func with(_ change: (inout Flow) -> Void) -> Flow {
            var flow = self
            change(&flow)
            return flow
        }

        var testDescription: String {
            "\(user ?? "-") \(workspace) \(client) \(integration) \(realm ?? "-") \(account ?? "-") \(isNew)"
        }
    }

    private static func catalog(_ url: String) -> String {
        let entries = ["sample", "twin"].map { id in
            """
              \(id):
                label: Sample
                documentation: https://example.com/docs
                parameters: {realm: {kind: segment, default: master}}
                authorization_endpoint: https://example.com/{realm}/authorize
                token_endpoint: \(url)/token/{realm}
                revocation_endpoint: \(url)/revoke
                account: {id: account_id}
                default_scopes: [read, write]
            """
        }
        return "integrations:\n" + entries.joined(separator: "\n")
    }

    private let bench: FlowBench
    private let workspaces: WorkspaceDirectory

    init() async throws {
        let list = RedirectURIAllowlist([try RedirectURI(Deployment.redirectURI)])
        workspaces = WorkspaceDirectory(
            [Deployment.workspaceID, "wsp_other"].map { Workspace(id: $0, redirectURIs: list) })
        bench = try await FlowBench(workspaces: workspaces, catalog: Self.catalog)
    }

    private func authorized(
        _ flow: Flow, label: String? = nil, tags: [String: String] = [:]
    ) throws -> AuthorizedFlow {
        var deployment = bench.deployment
        deployment.registry = try Deployment.registry(
            Self.catalog(bench.endpoint.url), clientID: flow.client, workspaces: workspaces)
        var command = InitiateCommand(
            integrationID: flow.integration, redirectURI: Deployment.redirectURI, label: label, tags: tags)
        command.parameters["realm"] = flow.realm
        command.newConnection = flow.isNew
        return try deployment.delivered(
            try deployment.begin(command, in: flow.workspace, userID: flow.user), code: "code")
    }

    private func connect(
        _ flow: Flow = Flow(), number: Int = 1, label: String? = nil, tags: [String: String] = [:]
    ) async throws -> ConnectionID {
        bench.endpoint.answer(
            .json(
                Grant.json(token: "access-\(number)", refresh: "refresh-\(number)", account: flow.account)))
        let conclusion = await bench.completion().complete(
            try authorized(flow, label: label, tags: tags), binding: .direct)
        guard case .finished(.success(let id)) = conclusion else {
            Issue.record("no connection: \(conclusion)")
            throw StoreError.notFound
        }
        return id
    }

    private func set(_ changes: ConnectionChanges, of id: ConnectionID) async throws {
        let found = try await bench.store.existing(id, workspaceID: Deployment.workspaceID)
        _ = try await bench.store.update(
            id, workspaceID: Deployment.workspaceID, ifRevision: found.revision, changes)
    }

    @Test(arguments: [
        Flow(), Flow(realm: "acme"), Flow(integration: "twin", account: "a:b%"),
    ])
    func `the same user, client and account renews the connection`(_ flow: Flow) async throws {
        let id = try await connect(flow, label: "Ada's", tags: ["plan": "pro"])
        try await set(ConnectionChanges(status: .init(.inactive, reason: "off")), of: id)
        #expect(try await connect(flow, number: 2) == id)
        let found = try await bench.read(id)
        #expect(found.credentials.accessToken == "access-2")
        #expect(found.credentials.refreshToken == "refresh-2")
        #expect(found.connection.revision == 3 && found.connection.status == .active)
        #expect(found.connection.userID == flow.user && found.connection.isAccountCompared)
        #expect(found.connection.label == "Ada's" && found.connection.tags == ["plan": "pro"])
        let events = try await bench.store.events(of: id, workspaceID: Deployment.workspaceID)
        #expect(events?.map(\.type) == ["renewed", "updated", "created"])
        #expect(bench.endpoint.revocations.isEmpty)
        #expect(try await connect(flow, number: 3, label: "Her", tags: ["plan": "free"]) == id)
        #expect(try await bench.read(id).connection.label == "Her")
        #expect(try await bench.read(id).connection.tags == ["plan": "free"])
        #expect(try await bench.connections().count == 1)
    }

    @Test func `S22 a flow that names no user renews a connection with its own tags, and no other`()
        async throws
    {
        let flow = Flow(user: nil)
        let id = try await connect(flow, tags: ["customer": "1"])
        #expect(try await connect(flow, number: 2, tags: ["customer": "1"]) == id)
        #expect(try await connect(flow, number: 3, tags: ["customer": "2"]) != id)
        #expect(try await connect(flow, number: 4) != id)
        #expect(try await bench.read(id).credentials.accessToken == "access-2")
        #expect(try await bench.connections().count == 3)
    }

    @Test(arguments: [
        (Flow(), Flow(user: "user_2")), (Flow(), Flow(user: nil)), (Flow(user: nil), Flow()),
        (Flow(user: "caf\u{e9}"), Flow(user: "cafe\u{301}")), (Flow(), Flow(workspace: "wsp_other")),
        (Flow(), Flow(client: "other")), (Flow(), Flow(account: "Account-1")),
        (Flow(account: "1"), Flow(account: "team:1")), (Flow(), Flow(account: nil)),
        (Flow(account: nil), Flow()), (Flow(account: nil), Flow(account: nil)), (Flow(), Flow(isNew: true)),
        (Flow(), Flow(realm: "acme")), (Flow(realm: "acme"), Flow(realm: "Acme")),
        (Flow(), Flow(integration: "twin")),
    ])
    func `S22 S38 what is not the same in one thing is another connection`(_ first: Flow, _ second: Flow)
        async throws
    {
        let id = try await connect(first)
        let before = try await bench.store.existing(id, workspaceID: first.workspace)
        let other = try await connect(second, number: 2)
        #expect(other != id)
        #expect(try await bench.store.existing(id, workspaceID: first.workspace) == before)
        #expect(try await bench.read(id).credentials.accessToken == "access-1")
        #expect(bench.endpoint.revocations.isEmpty)
    }

    @Test func `S22 another workspace's flow gets nothing of a connection`() async throws {
        let id = try await connect()
        let other = try await connect(Flow(workspace: "wsp_other"), number: 2)
        #expect(other != id)
        #expect(try await bench.read(id).credentials.accessToken == "access-1")
    }

    @Test func `S38 another user's flow gets nothing of a connection`() async throws {
        let id = try await connect()
        #expect(try await connect(Flow(user: "user_2"), number: 2) != id)
        #expect(try await bench.read(id).credentials.accessToken == "access-1")
    }

    @Test func `S38 the same id in another tenant gets nothing of a connection`() async throws {
        let id = try await connect()
        #expect(try await connect(Flow(realm: "acme"), number: 2) != id)
        #expect(try await bench.read(id).credentials.accessToken == "access-1")
    }

    @Test func `a default that is written out is the same`() async throws {
        #expect(try await connect() == connect(Flow(realm: "master"), number: 2))
    }

    @Test func `of several the newest is renewed`() async throws {
        let first = try await connect()
        bench.advance(by: .seconds(1))
        let second = try await connect(Flow(isNew: true), number: 2)
        bench.advance(by: .seconds(1))
        #expect(try await connect(number: 3) == second)
        #expect(try await bench.read(first).credentials.accessToken == "access-1")
    }

    @Test(arguments: ["UPDATE connections SET scopes_granted = '{}'", "DELETE FROM credentials"])
    func `a connection that cannot be read is passed by`(_ sql: String) async throws {
        let id = try await connect()
        try await bench.tamper(sql)
        #expect(try await connect(number: 2) != id)
    }

    @Test func `of sixteen at once on two replicas all end in one connection, and no grant is lost`()
        async throws
    {
        bench.endpoint.answer(.json(Grant.json()))
        let replica = try bench.replica()
        let flows = try (0..<16).map { _ in try authorized(Flow()) }
        let conclusions = await withTaskGroup(of: CompletionResult.self, returning: [CompletionResult].self) {
            group in
            for (number, flow) in flows.enumerated() {
                let store = number.isMultiple(of: 2) ? bench.store : replica
                group.addTask { [bench] in
                    await bench.completion(over: store).complete(flow, binding: .direct)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let made = try await bench.connections()
        #expect(made.count == 1 && made.first?.revision == 16)
        let id = try #require(made.first?.id)
        #expect(conclusions.count == 16 && conclusions.allSatisfy { $0 == .finished(.success(id)) })
        #expect(bench.endpoint.revocations.isEmpty)
    }
}
