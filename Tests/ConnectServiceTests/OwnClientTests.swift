import ConnectService
import Connections
import Integrations
import StateTokens
import Testing

/// Workspaces that bring clients of their own, and such that may use some integrations only.
@Suite("Workspaces' own clients") struct OwnClientTests {
    private static let acme = "wsp_acme"
    private static let other = Deployment.workspaceID

    private static let own = OwnClient(
        clientID: "acme-client", clientSecret: ClientSecret("acme-secret"), scopes: ["own"])

    private let bench: FlowBench

    init() async throws {
        bench = try await FlowBench(
            workspaces: try Self.directory(["sample": WorkspaceIntegration(client: Self.own)])
        ) { Catalogs.sample(at: $0) + "\n" + Catalogs.entry(at: $0, id: "unset") }
    }

    /// `wsp_acme` with what is given, and another one without anything.
    private static func directory(
        _ integrations: [String: WorkspaceIntegration] = [:], only: Set<String>? = nil
    ) throws -> WorkspaceDirectory {
        let list = RedirectURIAllowlist([try RedirectURI(Deployment.redirectURI)])
        return WorkspaceDirectory([
            Workspace(id: acme, redirectURIs: list, integrations: integrations, only: only),
            Workspace(id: other, redirectURIs: list),
        ])
    }

    private func deployment(_ directory: WorkspaceDirectory) throws -> Deployment {
        var deployment = bench.deployment
        deployment.workspaces = directory
        deployment.registry = try Deployment.registry(
            Catalogs.sample(at: bench.endpoint.url) + "\n"
                + Catalogs.entry(at: bench.endpoint.url, id: "unset"),
            workspaces: directory)
        return deployment
    }

    private func begin(
        in workspaceID: String, of deployment: Deployment? = nil
    ) throws(InitiateError) -> InitiatedFlow {
        try (deployment ?? bench.deployment).begin(
            InitiateCommand(integrationID: "sample", redirectURI: Deployment.redirectURI), in: workspaceID)
    }

    private func query(of flow: InitiatedFlow) -> [String: String] {
        Query.fields(String(flow.authorizationURL.split(separator: "?")[1]))
    }

    private func connect(in workspaceID: String) async throws -> ConnectionID {
        let flow = try bench.deployment.delivered(try begin(in: workspaceID), code: "of-\(workspaceID)")
        let conclusion = await bench.completion().complete(flow, binding: .direct)
        guard case .finished(.success(let id)) = conclusion else {
            Issue.record("no connection: \(conclusion)")
            throw StoreError.notFound
        }
        return id
    }

    private func refresh(
        _ id: ConnectionID, in workspaceID: String, of deployment: Deployment? = nil
    ) async throws {
        _ = try await bench.accessTokens(of: deployment).current(
            id, workspaceID: workspaceID, isForced: true)
    }

    @Test func `S22 a flow asks for the workspace's client and scopes, and another workspace's does not`()
        throws
    {
        let own = query(of: try begin(in: Self.acme))
        #expect(own["client_id"] == "acme-client" && own["scope"] == "own")
        let operators = query(of: try begin(in: Self.other))
        #expect(operators["client_id"] == "client" && operators["scope"] == "read write")
    }

    @Test
    func
        `S22 exchange, refresh and revocation have the workspace's client, and its secret reaches no other's`()
        async throws
    {
        for (workspaceID, client, secret) in [
            (Self.acme, "acme-client", "acme-secret"), (Self.other, "client", "secret"),
        ] {
            let id = try await connect(in: workspaceID)
            try await refresh(id, in: workspaceID)
            #expect(
                try await bench.disconnect().end(id, workspaceID: workspaceID)?.revocation == .revoked)
            let calls = [bench.endpoint.tokenCalls.suffix(2), bench.endpoint.revocations.suffix(1)].joined()
            #expect(calls.count == 3)
            for call in calls {
                #expect(call.fields["client_id"] == client && call.fields["client_secret"] == secret)
            }
        }
        #expect(!bench.logs.text.contains("acme-secret"))
    }

    @Test
    func `S22 a connection of the operator's client is refreshed with that, also once there is an own one`()
        async throws
    {
        let without = try deployment(try Self.directory())
        let flow = try without.delivered(try begin(in: Self.acme, of: without), code: "before")
        guard case .finished(.success(let id)) = await bench.completion().complete(flow, binding: .direct)
        else { throw StoreError.notFound }
        try await refresh(id, in: Self.acme)
        #expect(bench.endpoint.tokenCalls.last?.fields["client_id"] == "client")
        #expect(bench.endpoint.tokenCalls.last?.fields["client_secret"] == "secret")
        #expect(try await bench.disconnect().end(id, workspaceID: Self.acme)?.revocation == .revoked)
        #expect(bench.endpoint.revocations.last?.fields["client_id"] == "client")
    }

    @Test func `S22 a grant of a client that the workspace no longer has is not tried with the operator's`()
        async throws
    {
        let id = try await connect(in: Self.acme)
        let sent = bench.endpoint.tokenCalls.count
        let without = try deployment(try Self.directory())
        await #expect(throws: AccessTokenError.notConfigured) {
            try await refresh(id, in: Self.acme, of: without)
        }
        #expect(
            try await bench.disconnect(of: without).end(id, workspaceID: Self.acme)?.revocation
                == .notPossible)
        #expect(bench.endpoint.tokenCalls.count == sent && bench.endpoint.revocations.isEmpty)
    }

    @Test func `a flow that another client began is over, and its code is sent nowhere`() throws {
        let flow = try begin(in: Self.acme)
        let changed = try deployment(try Self.directory())
        let verdict = changed.callback("state=\(flow.state)&code=c")
        guard case .ended(_, .restart) = verdict else {
            Issue.record("\(verdict)")
            return
        }
    }

    @Test func `S22 a client without its secret begins nothing, with the operator's secret neither`() throws {
        let half = OwnClient(clientID: "acme-client")
        let deployment = try deployment(try Self.directory(["sample": WorkspaceIntegration(client: half)]))
        let missing = "workspaces.wsp_acme.integrations.sample.client_secret_file"
        #expect {
            try begin(in: Self.acme, of: deployment)
        } throws: { error in
            guard case .integrationNotConfigured("sample", let settings) = error as? InitiateError else {
                return false
            }
            return settings.missing == [missing]
        }
        #expect(deployment.registry.mistakes(in: deployment.workspaces) == ["\(missing) is missing"])
        #expect(throws: Never.self) { try begin(in: Self.other, of: deployment) }
    }

    @Test func `mistakes name parameters and integrations that are not there, and no value`() throws {
        let own = OwnClient(
            clientID: "acme-client", clientSecret: ClientSecret("acme-secret"),
            parameters: ["shop": ClientSecret("canary")])
        let directory = try Self.directory(
            ["sample": WorkspaceIntegration(client: own)], only: ["sample", "nowhere"])
        let mistakes = try deployment(directory).registry.mistakes(in: directory)
        #expect(mistakes.count == 2 && !"\(mistakes)".contains("canary"))
        #expect(mistakes[0].contains("`nowhere`") && mistakes[1].contains("params.shop"))
    }

    // MARK: only

    @Test func `S22 a workspace begins no flow with what it may not use, and another one does`() throws {
        let deployment = try deployment(try Self.directory(only: ["unset"]))
        #expect {
            try begin(in: Self.acme, of: deployment)
        } throws: { error in
            if case .integrationNotFound("sample") = error as? InitiateError { true } else { false }
        }
        #expect(deployment.registry.integration("sample", in: Self.acme) == nil)
        #expect(!deployment.registry.isConnectable("sample", in: Self.acme))
        #expect(deployment.registry.integration("unset", in: Self.acme) != nil)
        #expect(throws: Never.self) { try begin(in: Self.other, of: deployment) }
        #expect(deployment.registry.isConnectable("sample", in: Self.other))
    }

    @Test func `a flow from before ends where the workspace may not use its integration any more`() throws {
        let deployment = try deployment(try Self.directory(only: ["unset"]))
        let flow = try begin(in: Self.other)
        var state = try bench.deployment.codec.verify(flow.state, at: bench.deployment.clock.now).state
        state.workspaceID = Self.acme
        let verdict = deployment.callback("state=\(try bench.deployment.seal(state))&code=c")
        guard case .ended(_, .restart) = verdict else {
            Issue.record("\(verdict)")
            return
        }
    }

    // MARK: The file

    private static func parse(
        _ members: String, secret: String? = "the-secret"
    ) throws(WorkspaceFileError) -> Workspace? {
        try WorkspaceFile.parse(
            "workspaces: {wsp_a: {redirect_uris: []\(members)}}", path: "/etc/workspaces.yaml",
            readSecret: { $0 == "/etc/secrets/acme" ? secret : nil })["wsp_a"]
    }

    @Test func `the file gives client, scopes and parameters, and the integrations that may be used`() throws
    {
        let workspace = try Self.parse(
            """
            , only: [gmail, slack], integrations: {gmail: {confirm: screen, client_id: '123', \
            client_secret_file: secrets/acme, scopes: [a, b], params: {domain: acme}, host: git.acme.example}}
            """)
        #expect(workspace?.only == ["gmail", "slack"])
        #expect(
            workspace?.integrations["gmail"]
                == WorkspaceIntegration(
                    confirmation: .screen,
                    client: OwnClient(
                        clientID: "123", clientSecret: ClientSecret("the-secret"), scopes: ["a", "b"],
                        parameters: ["domain": ClientSecret("acme")], host: "git.acme.example")))
        #expect(
            try Self.parse(", integrations: {gmail: {confirm: screen}}")?.integrations["gmail"]?.client == nil
        )
        #expect(try Self.parse("").map { $0.only == nil } == true)
    }

    @Test(arguments: [
        (", only: []", "only"), (", only: gmail", "only"), (", only: [[]]", "only"), (", only: ['']", "only"),
        (", only: ", "only"), (", integrations: {x: {client_id: }}", "integrations.x.client_id"),
        (", integrations: {x: {client_id: \"a\\nb\"}}", "integrations.x.client_id"),
        (", integrations: {x: {scopes: [a]}}", "integrations.x.client_id"),
        (", integrations: {x: {params: {}}}", "integrations.x.client_id"),
        (", integrations: {x: {client_secret_file: secrets/acme}}", "integrations.x.client_id"),
        (
            ", integrations: {x: {client_id: a, client_secret_file: canary}}",
            "integrations.x.client_secret_file"
        ),
        (", integrations: {x: {client_id: a, client_secret_file: [a]}}", "integrations.x.client_secret_file"),
        (", integrations: {x: {host: canary.example}}", "integrations.x.client_id"),
        (", integrations: {x: {client_id: a, host: [canary]}}", "integrations.x.host"),
        (", integrations: {x: {client_id: a, scopes: a}}", "integrations.x.scopes"),
        (", integrations: {x: {client_id: a, scopes: ['canary b']}}", "integrations.x.scopes"),
        (", integrations: {x: {client_id: a, params: [canary]}}", "integrations.x.params"),
        (", integrations: {x: {client_id: a, params: {b: [canary]}}}", "integrations.x.params.b"),
    ])
    func `S24 what is no client is refused by its place, and no value is repeated`(
        _ members: String, _ field: String
    ) {
        #expect {
            try Self.parse(members)
        } throws: { error in
            guard case .invalid(_, let found, _) = error as? WorkspaceFileError else { return false }
            return found == "workspaces.wsp_a.\(field)" && !"\(error)".contains("canary")
        }
    }

    @Test func `a file without a secret is refused`() throws {
        let text = ", integrations: {x: {client_id: a, client_secret_file: secrets/acme}}"
        #expect(throws: WorkspaceFileError.self) { try Self.parse(text, secret: "") }
        let folder = try TemporaryFolder()
        #expect(WorkspaceFile.contentsOfSecret(folder.path("nowhere")) == nil)
        #expect(WorkspaceFile.contentsOfSecret(folder.path("")) == nil)
        #expect(
            WorkspaceFile.contentsOfSecret(try folder.write("\n the secret \r\n", to: "a")) == "the secret")
    }
}
