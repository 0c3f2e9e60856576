import ConnectService
import Connections
import Integrations
import OAuth
import StateTokens
import Testing

@Suite("Callback against configuration") struct CallbackOrderTests {
    private var deployment: Deployment

    init() throws { deployment = try Deployment(catalog: Catalogs.sample()) }

    // MARK: Integration

    @Test func `S06 no integration takes the state of another`() throws {
        let ids = (0..<10).map { "provider-\($0)" }
        let catalog = "integrations:\n" + ids.map { Catalogs.entry(id: $0) }.joined()
        let deployment = try Deployment(catalog: catalog)
        for own in ids {
            let flow = try deployment.begin(own)
            for other in ids + ["nowhere", "", "gmail"] {
                for query in ["code=a", "error=access_denied", "code=a&iss=https://\(other).example.com"] {
                    let verdict = deployment.callback("\(query)&state=\(flow.state)", on: other)
                    switch verdict {
                    case .refused(.otherIntegration): #expect(own != other)
                    case .authorized(let authorized):
                        #expect(own == other)
                        #expect(authorized.integration.id == own && authorized.endpoints.token.hasSuffix(own))
                    case .ended: #expect(own == other && query.hasPrefix("error"))
                    case .refused, .handedOver, .asked: Issue.record("\(own) on \(other): \(verdict)")
                    }
                }
            }
        }
    }

    @Test(arguments: ["code=a", "error=access_denied"])
    func `S06 an expired state on another's callback causes no redirect`(_ query: String) throws {
        let flow = try deployment.begin()
        deployment.clock.advance(by: .seconds(3_600))
        #expect(
            deployment.refusal("\(query)&state=\(flow.state)", on: "gmail")
                == .otherIntegration)
    }

    @Test(arguments: ["code=a", "error=access_denied"])
    func `S35 a changed client ends the flow`(_ query: String) throws {
        let flow = try deployment.begin()
        var changed = deployment
        changed.registry = try Deployment.registry(Catalogs.sample(), clientID: "another")
        #expect(changed.end("\(query)&state=\(flow.state)") == .restart)
    }

    @Test(arguments: [
        ("authorization_endpoint: https://sample.", "authorization_endpoint: https://other."),
        ("/token/sample", "/token/other"),
    ])
    func `S35 a changed endpoint ends the flow`(_ old: String, _ new: String) throws {
        let flow = try deployment.begin()
        var changed = deployment
        changed.registry = try Deployment.registry(Catalogs.sample().replacing(old, with: new))
        #expect(changed.end("code=a&state=\(flow.state)") == .restart)
    }

    @Test func `S35 an integration that is gone or has lost its client ends the flow`() throws {
        let flow = try deployment.begin()
        var changed = deployment
        changed.registry = try Deployment.registry(nil)
        #expect(changed.end("code=a&state=\(flow.state)") == .restart)
        var unset = try Deployment(catalog: Catalogs.sample(id: "unset"))
        let state = try unset.flowState(of: Catalogs.sample(id: "unset"))
        unset.registry = try Deployment.registry(Catalogs.sample(id: "unset"))
        #expect(unset.end("code=a&state=\(try unset.seal(state))", on: "unset") == .restart)
    }

    @Test func `S19 a parameter is checked again at the callback`() throws {
        let shop = """
            integrations:
              sample:
                documentation: https://example.com/docs
                parameters: {shop: {label: Shop, kind: label}}
                authorization_endpoint: https://{shop}.shops.example/authorize
                token_endpoint: https://{shop}.shops.example/token
            """
        let deployment = try Deployment(catalog: shop)
        let flow = try deployment.begin(
            InitiateCommand(integrationID: "sample", parameters: ["shop": "acme"]))
        var state = try deployment.codec.verify(flow.state, at: deployment.clock.now).state
        for parameters in [["shop": "evil.example/"], [:], ["shop": "acme", "more": "x"], ["shop": "other"]] {
            state.parameters = parameters
            #expect(deployment.end("code=a&state=\(try deployment.seal(state))") == .restart, "\(parameters)")
        }
        // The same endpoints, and a value that is not taken any more.
        var stricter = deployment
        stricter.registry = try Deployment.registry(
            shop.replacing("kind: label", with: "kind: label, pattern: '[0-9]+'"))
        #expect(stricter.end("code=a&state=\(flow.state)") == .restart)
        state.parameters = ["shop": "acme"]
        guard case .authorized = deployment.callback("code=a&state=\(try deployment.seal(state))") else {
            Issue.record("refused")
            return
        }
    }

    @Test func `S11 a state with a binding is not for the callback to complete`() throws {
        var state = try deployment.flowState()
        state.binding = Binding(octets: [UInt8](repeating: 1, count: 32))
        guard case .handedOver = deployment.callback("code=a&state=\(try deployment.seal(state))") else {
            Issue.record("completed without its secret")
            return
        }
    }

    // MARK: Workspace and redirect URI

    @Test(arguments: ["code=a", "error=access_denied", "code=a&iss=x"])
    func `S13 S37 a redirect URI that was taken off the list causes no redirect`(_ query: String) throws {
        let flow = try deployment.begin()
        var changed = deployment
        changed.workspaces = try Deployment.workspaces([Deployment.redirectURI + "/"])
        #expect(changed.refusal("\(query)&state=\(flow.state)") == .redirectURINotAllowed)
        changed.registry = try Deployment.registry(nil)
        #expect(
            changed.refusal("\(query)&state=\(flow.state)") == .redirectURINotAllowed,
            "not even with `restart`")
        changed.clock.advance(by: .seconds(3_600))
        #expect(
            changed.refusal("\(query)&state=\(flow.state)") == .redirectURINotAllowed,
            "nor when it is expired")
    }

    @Test(arguments: ["code=a", "error=access_denied"])
    func `S37 a workspace that is gone ends all its flows`(_ query: String) throws {
        let flows = [try deployment.begin(), try deployment.begin(InitiateCommand(integrationID: "sample"))]
        var changed = deployment
        changed.workspaces = try Deployment.workspaces([Deployment.redirectURI], id: "wsp_other")
        for flow in flows {
            #expect(changed.refusal("\(query)&state=\(flow.state)") == .redirectURINotAllowed)
        }
    }

    @Test(arguments: [
        "https://evil.example/", "//evil.example", "javascript:alert(1)",
        "https://app.example.com/connected#",
        "https://app.example.com/connected\u{301}", "https://app.example.com@evil.example/",
    ])
    func `S13 a state with a redirect URI that initiate would refuse causes no redirect`(_ uri: String) throws
    {
        var state = try deployment.flowState()
        state.redirectURI = uri
        let token = try deployment.seal(state)
        #expect(deployment.refusal("code=a&state=\(token)") == .redirectURINotAllowed)
        #expect(deployment.refusal("error=a&state=\(token)") == .redirectURINotAllowed)
    }
}

extension Deployment {
    /// How a callback ends its flow; `nil` if it does not.
    func end(_ query: String, on integrationID: String = "sample") -> FlowFailure? {
        guard case .ended(_, let failure) = callback(query, on: integrationID) else { return nil }
        return failure
    }

    /// What initiate would have sealed if the integration had had a client.
    func flowState(of catalog: String) throws -> FlowState {
        let integration = try #require(
            try Catalog(files: [CatalogFile(name: "a", text: catalog)], allowsInsecureLoopback: true)["unset"]
        )
        let configured = try ConfiguredIntegration(
            integration,
            settings: IntegrationSettings(clientID: "client", clientSecret: ClientSecret("secret")),
            allowsInsecureLoopback: true)
        return FlowState(
            issuedAt: clock.now, integrationID: "unset", fingerprint: try configured.fingerprint(),
            workspaceID: Self.workspaceID)
    }
}
