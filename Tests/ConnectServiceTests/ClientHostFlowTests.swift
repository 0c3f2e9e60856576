import ConnectService
import Connections
import Integrations
import StateTokens
import Testing

/// A workspace's client for one server, and a server of an attacker's beside it.
@Suite("Flows of clients for one host") struct ClientHostFlowTests {
    private let bench: FlowBench
    private let evil: TokenEndpoint

    private static func catalog(_: String) -> String {
        """
        integrations:
          forge:
            label: Forge
            documentation: https://example.com/docs
            parameters: {server: {kind: url, client_host: true}}
            authorization_endpoint: "{server}/authorize"
            token_endpoint: "{server}/token"
            revocation_endpoint: "{server}/revoke"
            account: {id: account_id}
        """
    }

    private static func workspaces(host: String?) throws -> WorkspaceDirectory {
        try Deployment.workspaces(
            [Deployment.redirectURI],
            integrations: [
                "forge": WorkspaceIntegration(
                    client: OwnClient(
                        clientID: "acme-client", clientSecret: ClientSecret("acme-secret"), host: host))
            ])
    }

    init() async throws {
        bench = try await FlowBench(catalog: Self.catalog)
        evil = try await TokenEndpoint()
    }

    private func deployment(host: String?) throws -> Deployment {
        var deployment = bench.deployment
        deployment.workspaces = try Self.workspaces(host: host)
        deployment.registry = try Deployment.registry(Self.catalog(""), workspaces: deployment.workspaces)
        return deployment
    }

    private func command(_ server: String) -> InitiateCommand {
        InitiateCommand(
            integrationID: "forge", redirectURI: Deployment.redirectURI, parameters: ["server": server])
    }

    private func connect(_ deployment: Deployment) async throws -> ConnectionID {
        let flow = try deployment.begin(command(bench.endpoint.url))
        let conclusion = await bench.completion(of: deployment).complete(
            try deployment.delivered(flow, code: "code"), binding: .direct)
        guard case .finished(.success(let id)) = conclusion else {
            Issue.record("no connection: \(conclusion)")
            throw StoreError.notFound
        }
        return id
    }

    private func expectSilence() {
        #expect(evil.tokenCalls.isEmpty && evil.revocations.isEmpty)
    }

    @Test func `S40 initiate rejects another server than the client's`() throws {
        let deployment = try deployment(host: bench.endpoint.url)
        for server in [evil.url, "\(bench.endpoint.url)/x", "https://forge.example.com"] {
            #expect(
                throws: InitiateError.invalidParameter(
                    name: "server",
                    reason: "the parameter `server` is not the host that the client belongs to")
            ) { try deployment.begin(command(server)) }
        }
        #expect(throws: InitiateError.self) { try deployment.begin("forge") }
        expectSilence()
    }

    @Test func `S40 the callback rejects a flow to another server, and sends its code nowhere`() throws {
        let deployment = try deployment(host: bench.endpoint.url)
        // Authentic: as if the client had belonged to the attacker's server when the flow began.
        let began = try self.deployment(host: evil.url).begin(command(evil.url))
        let verdict = deployment.callback(
            "state=\(began.state)&code=c", on: "forge", context: Deployment.context(of: began))
        guard case .ended(_, .restart) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        expectSilence()
    }

    @Test func `S40 refresh and revocation send nothing to another server`() async throws {
        let good = try deployment(host: bench.endpoint.url)
        let id = try await connect(good)
        #expect(bench.endpoint.tokenCalls.last?.fields["client_secret"] == "acme-secret")
        _ = try await bench.accessTokens(of: good).current(
            id, workspaceID: Deployment.workspaceID, isForced: true)
        let sent = bench.endpoint.tokenCalls.count
        // The row says another server.
        try await bench.tamper("UPDATE connections SET config = json_object('server', '\(evil.url)')")
        await #expect(throws: AccessTokenError.self) {
            try await bench.accessTokens(of: good).current(
                id, workspaceID: Deployment.workspaceID, isForced: true)
        }
        // The row is right again, and the client belongs to another server now.
        try await bench.tamper(
            "UPDATE connections SET config = json_object('server', '\(bench.endpoint.url)')")
        let moved = try deployment(host: evil.url)
        await #expect(throws: AccessTokenError.self) {
            try await bench.accessTokens(of: moved).current(
                id, workspaceID: Deployment.workspaceID, isForced: true)
        }
        #expect(bench.endpoint.tokenCalls.count == sent)
        let gone = try await bench.disconnect(of: moved).end(id, workspaceID: Deployment.workspaceID)
        #expect(gone?.revocation != .revoked && bench.endpoint.revocations.isEmpty)
        expectSilence()
    }

    @Test func `S40 a client without its server is none, and the start says so`() throws {
        let deployment = try deployment(host: nil)
        #expect(
            deployment.registry.mistakes(in: deployment.workspaces) == [
                "workspaces.\(Deployment.workspaceID).integrations.forge.host is missing"
            ])
        guard case .unconfigured = deployment.registry["forge", in: Deployment.workspaceID] else {
            Issue.record("it is configured")
            return
        }
    }
}
