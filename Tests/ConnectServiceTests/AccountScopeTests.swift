import ConnectService
import Connections
import Integrations
import StateTokens
import Testing

/// Two servers that each count their accounts from 1, as Gitea does, with one public client.
@Suite("Accounts that are known at one server") struct AccountScopeTests {
    private let bench: FlowBench
    private let other: TokenEndpoint

    private static func catalog(_ account: String) -> String {
        """
        integrations:
          forge:
            label: Forge
            documentation: https://example.com/docs
            parameters: {base: {kind: url}, realm: {kind: segment, default: master}}
            authorization_endpoint: "{base}/authorize"
            token_endpoint: "{base}/{realm}/token"
            revocation_endpoint: "{base}/revoke"
            pkce: required
            token: {authentication: none}
            account: {id: account_id\(account)}
        """
    }

    init() async throws {
        bench = try await FlowBench { _ in Self.catalog("") }
        other = try await TokenEndpoint()
        for endpoint in [bench.endpoint, other] { endpoint.answer(.json(Grant.json(account: "1"))) }
    }

    private func deployment(_ account: String = "") throws -> Deployment {
        var deployment = bench.deployment
        let file = CatalogFile(name: "test.yaml", text: Self.catalog(account))
        deployment.registry = IntegrationRegistry(
            try Catalog(files: [file], allowsInsecureLoopback: true),
            settings: ["forge": IntegrationSettings(clientID: "client")], allowsInsecureLoopback: true)
        return deployment
    }

    private func connect(
        at base: String, renewing id: ConnectionID? = nil, of deployment: Deployment? = nil,
        realm: String? = nil
    ) async throws -> CompletionResult {
        let deployment = try deployment ?? self.deployment()
        var command = InitiateCommand(
            integrationID: "forge", redirectURI: Deployment.redirectURI,
            parameters: ["base": base], connectionID: id?.description)
        command.parameters["realm"] = realm
        let flow = try deployment.begin(command)
        return await bench.completion(of: deployment).complete(
            try deployment.delivered(flow, code: "code"), binding: .direct)
    }

    private func connected(at base: String, realm: String? = nil) async throws -> ConnectionID {
        let conclusion = try await connect(at: base, realm: realm)
        guard case .finished(.success(let id)) = conclusion else {
            Issue.record("no connection: \(conclusion)")
            throw StoreError.notFound
        }
        return id
    }

    @Test func `S38 a renewal at another server is another account's and changes nothing anywhere`()
        async throws
    {
        let id = try await connected(at: bench.endpoint.url)
        let theirs = try await connected(at: other.url)
        let before = try await bench.connections()
        let conclusion = try await connect(at: other.url, renewing: id)
        #expect(conclusion == .finished(.failure(.accountMismatch)))
        #expect(try await bench.connections() == before)
        #expect(before.count == 2 && Set(before.map(\.id)) == [id, theirs])
        // No code was sent, so that no grant has to go.
        #expect(other.tokenCalls.count == 1)
        #expect(bench.endpoint.revocations.isEmpty && other.revocations.isEmpty)
    }

    @Test func `S38 a renewal in another tenant of a server is another account's`() async throws {
        let id = try await connected(at: bench.endpoint.url)
        for realm in ["Master", "acme"] {
            let conclusion = try await connect(at: bench.endpoint.url, renewing: id, realm: realm)
            #expect(conclusion == .finished(.failure(.accountMismatch)))
        }
        let same = try await connect(at: bench.endpoint.url, renewing: id, realm: "master")
        #expect(same == .finished(.success(id)))
    }

    @Test func `a server in another spelling is the same`() async throws {
        let id = try await connected(at: bench.endpoint.url)
        #expect(try await connect(at: bench.endpoint.url + "/", renewing: id) == .finished(.success(id)))
    }

    @Test func `an id that is unique at the provider is the same at each of its servers`() async throws {
        let deployment = try deployment(", unique_within: provider")
        let id = try await connected(at: bench.endpoint.url)
        let conclusion = try await connect(at: other.url, renewing: id, of: deployment)
        #expect(conclusion == .finished(.success(id)))
    }

    @Test func `S45 the same id at another server is no reason to keep a grant`() async throws {
        let id = try await connected(at: bench.endpoint.url)
        _ = try await connected(at: other.url)
        _ = try await connected(at: bench.endpoint.url, realm: "acme")
        let done = try await bench.disconnect(of: try deployment()).end(
            id, workspaceID: Deployment.workspaceID)
        #expect(done == Disconnection(revocation: .revoked, others: []))
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["refresh-1"])
        #expect(other.revocations.isEmpty)
    }
}
