import ConnectService
import Connections
import Integrations
import StateTokens
import Testing

/// Two workspaces with clients of their own at one provider, and two tenants of one entry whose host the caller names, one
/// of each malicious (draft-ietf-oauth-security-topics-update; RFC 9700 §4.4).
@Suite("Redirect URIs by context") struct RedirectContextTests {
    /// Where and by whom a flow begins.
    private struct Place {
        let workspaceID: String
        let integrationID: String
        var parameters: [String: String] = [:]
    }

    private let bench: FlowBench
    private let evil: TokenEndpoint
    private let places: [Place]

    private static func own(_ name: String) -> OwnClient {
        OwnClient(clientID: "client-\(name)", clientSecret: ClientSecret("secret-\(name)"))
    }

    init() async throws {
        let list = RedirectURIAllowlist([try RedirectURI(Deployment.redirectURI)])
        let workspaces = ["wsp_a", "wsp_b"].map { id in
            Workspace(
                id: id, redirectURIs: list,
                integrations: [
                    "sample": WorkspaceIntegration(client: Self.own(id)),
                    "server": WorkspaceIntegration(client: id == "wsp_a" ? Self.own(id) : nil),
                ])
        }
        bench = try await FlowBench(
            workspaces: WorkspaceDirectory(workspaces + [Workspace(id: "wsp_c", redirectURIs: list)])
        ) { url in
            """
            \(Catalogs.sample(at: url))
              server:
                label: Server
                documentation: https://example.com/docs
                parameters: {base: {label: Server, kind: url}}
                authorization_endpoint: "{base}/authorize"
                token_endpoint: "{base}/token"
                token: {authentication: none}
                pkce: required
                account: {id: account_id}
            """
        }
        evil = try await TokenEndpoint()
        let honest = ["base": "\(bench.endpoint.url)/honest"]
        places = [
            Place(workspaceID: "wsp_a", integrationID: "sample"),
            Place(workspaceID: "wsp_b", integrationID: "sample"),
            Place(workspaceID: "wsp_c", integrationID: "sample"),
            Place(workspaceID: "wsp_a", integrationID: "server", parameters: honest),
            Place(workspaceID: "wsp_c", integrationID: "server", parameters: honest),
            Place(workspaceID: "wsp_c", integrationID: "server", parameters: ["base": evil.url]),
        ]
    }

    private func begin(_ place: Place, asks: Bool = false) throws -> InitiatedFlow {
        var command = InitiateCommand(
            integrationID: place.integrationID, redirectURI: Deployment.redirectURI,
            parameters: place.parameters)
        command.screen = asks
        return try bench.deployment.begin(command, in: place.workspaceID)
    }

    private func deliver(
        _ state: String, code: String, on integrationID: String, _ context: String?
    ) async -> CallbackVerificationError? {
        switch bench.deployment.callback("code=\(code)&state=\(state)", on: integrationID, context: context) {
        case .refused(let refusal): return refusal
        case .authorized(let flow): _ = await bench.completion().complete(flow, binding: .direct)
        case .asked(let question):
            do throws(TicketVerificationError) {
                let flow = try await bench.deployment.verifyTicket.verifyScreen(question.ticket)
                _ = await bench.completion().complete(flow, binding: .screen)
            } catch {
                Issue.record("\(error)")
            }
        case let verdict: Issue.record("\(verdict)")
        }
        return nil
    }

    /// - Parameter asks: whether the user is asked on our page, and says yes.
    @Test(arguments: [false, true])
    func `S41 S06 no context takes the state of another, and no code or secret goes astray`(_ asks: Bool)
        async throws
    {
        let flows = try places.map { try begin($0, asks: asks) }
        let uris = flows.map { Deployment.redirectURI(of: $0) }
        #expect(Set(uris).count == places.count)
        #expect(uris[2] == "https://connect.example.com/api/v1/oauth/callback/sample", "as it always was")
        for (index, flow) in flows.enumerated() {
            for (other, place) in places.enumerated() where other != index {
                let refusal = await deliver(
                    flow.state, code: "stray", on: place.integrationID, Deployment.context(of: flows[other]))
                let isSame = places[index].integrationID == place.integrationID
                #expect(refusal == (isSame ? .otherContext : .otherIntegration))
            }
            for context in ["", "A", String(repeating: "A", count: 22)] {
                let refusal = await deliver(flow.state, code: "stray", on: flow.integrationID, context)
                #expect(refusal == .otherContext)
            }
        }
        #expect(bench.endpoint.tokenCalls.isEmpty && evil.tokenCalls.isEmpty)
        for (index, flow) in flows.enumerated() {
            let refusal = await deliver(
                flow.state, code: "code-\(index)", on: flow.integrationID, Deployment.context(of: flow))
            #expect(refusal == nil)
        }
        let calls = bench.endpoint.tokenCalls
        #expect(calls.map { $0.fields["code"] } == (0..<5).map { "code-\($0)" })
        #expect(evil.tokenCalls.map { $0.fields["code"] } == ["code-5"])
        for (call, uri) in zip(calls + evil.tokenCalls, uris) { #expect(call.fields["redirect_uri"] == uri) }
        let secrets = ["secret-wsp_a", "secret-wsp_b", "secret"]
        #expect(calls.map { $0.fields["client_secret"] } == secrets + [nil, nil])
        #expect(evil.tokenCalls.allSatisfy { !$0.body.contains("secret") })
        #expect(
            calls.map { $0.fields["client_id"] } == [
                "client-wsp_a", "client-wsp_b", "client", "client-wsp_a", "client",
            ])
    }

    @Test func `S41 a flow that began with one host is not finished at the plain redirect URI`() async throws
    {
        let flow = try begin(places[5])
        #expect(
            await deliver(flow.state, code: "stray", on: "server", nil) == .otherContext)
        #expect(evil.tokenCalls.isEmpty)
    }

    // MARK: The context itself

    private static let catalog = """
        integrations:
          fixed:
            label: Fixed
            documentation: https://example.com/docs
            authorization_endpoint: https://example.com/authorize
            token_endpoint: https://example.com/token
          label:
            label: Label
            documentation: https://example.com/docs
            parameters: {shop: {label: Shop, kind: label}}
            authorization_endpoint: https://{shop}.example.com/authorize
            token_endpoint: https://{shop}.example.com/token
          host:
            label: Host
            documentation: https://example.com/docs
            parameters: {domain: {label: Host, kind: host, pattern: "[a-zA-Z]+[.]example[.]com"}}
            authorization_endpoint: https://{domain}/authorize
            token_endpoint: https://{domain}/token
          other-host: {inherits: host}
          url:
            label: URL
            documentation: https://example.com/docs
            parameters: {base: {label: URL, kind: url}}
            authorization_endpoint: "{base}/authorize"
            token_endpoint: "{base}/token"
            token: {authentication: none}
            pkce: required
        """

    private static func context(
        _ id: String, _ parameters: [String: String] = [:], clientID: String = "client", owner: String? = nil,
        isShared: Bool = false, endpoints: String? = nil
    ) throws -> String? {
        let integration = try #require(
            try Catalog(files: [CatalogFile(name: "test.yaml", text: catalog)])[id])
        var settings = IntegrationSettings(clientID: clientID, clientSecret: ClientSecret("secret"))
        settings.owner = owner
        settings.sharesRedirectURI = isShared
        settings.authorizationEndpoint = endpoints
        settings.tokenEndpoint = endpoints
        let client = try ConfiguredIntegration(integration, settings: settings)
        let context = try client.redirectContext(parameters: parameters)
        #expect(try client.endpoints(parameters: parameters).context == context)
        return context
    }

    @Test
    func
        `S41 the operator's client has one redirect URI where hosts are fixed, and 22 characters more elsewhere`()
        throws
    {
        #expect(try Self.context("fixed") == nil)
        #expect(try Self.context("label", ["shop": "acme"]) == nil)
        for context in [
            try Self.context("host", ["domain": "a.example.com"]),
            try Self.context("url", ["base": "https://a.example"]), try Self.context("fixed", owner: "wsp_a"),
        ] {
            let text = try #require(context)
            #expect(text.utf8.count == 22)
            #expect(text.utf8.allSatisfy { "-_".utf8.contains($0) || $0.isAlphanumeric })
        }
    }

    @Test func `S41 it changes with integration, tenant, client and workspace, each`() throws {
        let domain = ["domain": "a.example.com"]
        let contexts = [
            try Self.context("host", domain), try Self.context("other-host", domain),
            try Self.context("host", ["domain": "b.example.com"]),
            try Self.context("host", domain, clientID: "another"),
            try Self.context("host", domain, owner: "wsp_a"),
            try Self.context("host", domain, owner: "wsp_b"),
            try Self.context("host", domain, clientID: "anothe", owner: "rwsp_a"),
        ]
        #expect(Set(contexts).count == contexts.count)
    }

    @Test func `S41 endpoints that move, and hosts in other letters, change nothing; a path does`() throws {
        #expect(
            try Self.context("fixed", owner: "wsp_a")
                == Self.context("fixed", owner: "wsp_a", endpoints: "https://moved.example.com/x"))
        #expect(
            try Self.context("host", ["domain": "a.example.com"])
                == Self.context("host", ["domain": "A.example.com"]))
        #expect(
            try Self.context("url", ["base": "https://a.example/x"])
                == Self.context("url", ["base": "https://A.example/x"]))
        #expect(
            try Self.context("url", ["base": "https://a.example/x"])
                != Self.context("url", ["base": "https://a.example/X"]))
    }

    @Test
    func `S41 one redirect URI for all hosts is for hosts under one name, and for the operator's client`()
        throws
    {
        let domain = ["domain": "a.example.com"]
        #expect(try Self.context("host", domain, isShared: true) == nil)
        #expect(try Self.context("host", domain, owner: "wsp_a", isShared: true) != nil)
        #expect(throws: SettingsError.self) {
            try Self.context("url", ["base": "https://a.example"], isShared: true)
        }
    }
}

extension UInt8 {
    fileprivate var isAlphanumeric: Bool {
        (0x30...0x39).contains(self) || (0x41...0x5a).contains(self) || (0x61...0x7a).contains(self)
    }
}
