import Encodings
import Integrations
import Mirrors
import OAuth
import Testing

@Suite("The catalog's requests") struct CatalogRequestTests {
    @Test(arguments: DocumentedIntegration.all)
    func `the authorization URL, read back, is what the provider documents`(
        _ documented: DocumentedIntegration
    ) throws {
        let url = try ClientFlow(documented.configured(), documented.facts).authorizationURL()
        let check = AuthorizationCheck(
            documented.facts, clientID: "client", redirectURI: DocumentedIntegration.redirectURI, url: url,
            scopes: DocumentedIntegration.appScopes)
        #expect(check.reasons == [])
    }

    @Test(arguments: DocumentedIntegration.all)
    func `S16 PKCE is left out only where the provider documents none`(
        _ documented: DocumentedIntegration
    ) throws {
        let url = try ClientFlow(documented.configured(), documented.facts).authorizationURL()
        #expect(url.contains("code_challenge_method=plain") == false)
        guard let pkce = documented.facts.text(.pkce) else { return }
        #expect(url.contains("code_challenge=") == ["required", "supported"].contains(pkce))
    }

    @Test(arguments: DocumentedIntegration.all)
    func `S17 the response type is code for every integration`(_ documented: DocumentedIntegration) throws {
        let integration = try documented.configured()
        let url = try ClientFlow(integration, documented.facts).authorizationURL()
        // Some providers know no response type, and one has another word for the same.
        let own = documented.facts.members(.authorizationParameters)?["response_type"]
        if let name = integration.integration.authorization.name(.responseType) {
            #expect(url.contains("\(name)=\(own ?? "code")&"))
        }
        #expect(!url.contains("response_type=token") && !url.contains("id_token"))
    }

    @Test(arguments: DocumentedIntegration.all)
    func `a state that the provider would cut is refused`(_ documented: DocumentedIntegration) throws {
        let integration = try documented.configured()
        // An entry has no limit of its own invention: one that is too small ends every flow before it begins.
        let shown = documented.facts.text(.maxStateLength).flatMap(Int.init)
        #expect(integration.integration.maxStateLength == shown)
        guard let limit = shown else { return }
        let flow = ClientFlow(integration, documented.facts)
        let longest = String(repeating: "s", count: limit)
        #expect(try flow.authorizationURL(state: longest).contains("state=sss"))
        #expect(throws: AuthorizationRequestError.stateTooLong(byteCount: limit + 1, limit: limit)) {
            try flow.authorizationURL(state: longest + "s")
        }
    }

    @Test(arguments: DocumentedIntegration.all)
    func `the token request, read back, is what the provider documents`(
        _ documented: DocumentedIntegration
    ) throws {
        let flow = ClientFlow(try documented.configured(), documented.facts)
        let provider = StrictProvider(documented)
        let query = try provider.authorize(
            flow.authorizationURL(), scopes: DocumentedIntegration.appScopes)
        let response = provider.respond(to: try flow.exchange(flow.grant(query)))
        #expect(provider.reasons == [])
        #expect(response.status == 200)
    }

    @Test func `a provider with an interface of its own gets its version, and no hint that it would refuse`()
        throws
    {
        let notion = try DocumentedIntegration.configured(
            #require(try DocumentedIntegration.catalog.get()["notion"]))
        let request = try #require(
            try ProviderRequest.revocation(
                notion, endpoints: notion.endpoints(), token: "T", tokenTypeHint: "access_token"))
        #expect(request.url == "https://api.notion.com/v1/oauth/revoke")
        #expect(try JSONValue.parse(request.body) == .object(["token": .string("T")]))
        #expect(request.headers.contains { $0 == ("Notion-Version", "2025-09-03") })
    }

    private static func family(_ host: String) -> [DocumentedIntegration] {
        DocumentedIntegration.all.filter {
            $0.facts.text(.tokenEndpoint)?.hasPrefix("https://\(host)/") == true
        }
    }

    private static let google = family("oauth2.googleapis.com")
    private static let microsoft = family("login.microsoftonline.com")

    @Test(arguments: google)
    func `S16 scopes of one family differ, and nothing else`(_ documented: DocumentedIntegration) throws {
        let scopes = try documented.configured().scopes(requested: [])
        #expect(scopes.suffix(2) == ["openid", "email"])
        let own = scopes.dropLast(2)
        #expect(!own.isEmpty && own.allSatisfy { $0.hasPrefix("https://www.googleapis.com/auth/") })
    }

    /// An account is named by the ID token, so a default connection has to ask for one.
    @Test(arguments: google + microsoft)
    func `S38 a family that names accounts by claims always asks for an ID token`(
        _ documented: DocumentedIntegration
    ) throws {
        let integration = try documented.configured()
        #expect(integration.integration.account.id.allSatisfy { $0.parts.allSatisfy(Self.areClaims) })
        for requested in [[], ["one"]] {
            #expect(integration.scopes(requested: requested).contains("openid"))
        }
    }

    private static func areClaims(_ paths: [ResponsePath]) -> Bool {
        paths.allSatisfy { $0.names.first == "claims" }
    }
}
