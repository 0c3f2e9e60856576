import Encodings
import Integrations
import Mirrors
import OAuth
import Testing

/// What the strict provider rejects: each case is an entry with one mistake.
@Suite("A strict provider") struct StrictProviderTests {
    struct Mistake: Sendable, CustomTestStringConvertible {
        /// Further keys of the entry.
        let entry: String
        /// Facts in place of those of the same name.
        let facts: String
        let reason: String

        init(entry: String = "", facts: String = "", _ reason: String) {
            self.entry = entry
            self.facts = facts
            self.reason = reason
        }

        var testDescription: String { "\(entry) \(facts)" }
    }

    private static let facts = [
        "authorization_endpoint: {value: 'https://a.example/authorize', agree: [docs]}",
        "token_endpoint: {value: 'https://a.example/token', agree: [docs]}",
        "pkce: {value: supported, agree: [docs]}",
        "authentication: {value: client_secret_post, agree: [docs]}",
        "body: {value: form, agree: [docs]}",
        "scope_separator: {value: ' ', agree: [docs]}",
        "required_scopes: {value: [], agree: [docs]}",
        "authorization_parameters: {value: {}, agree: [docs]}",
        "token_parameters: {value: {}, agree: [docs]}",
        "authorization_names: {value: {}, agree: [docs]}",
        "token_names: {value: {}, agree: [docs]}",
        "refresh: {value: rotates, agree: [docs]}",
    ]

    private func provenance(_ changed: String) throws -> Provenance {
        let name = String(changed.prefix { $0 != ":" })
        let lines = Self.facts.filter { name.isEmpty || !$0.hasPrefix("\(name):") } + [changed]
        let text = """
            integrations:
              sample:
                seen: 2026-11-28
                sources: {docs: {url: 'https://a.example'}}
                facts:
            \(lines.map { "      \($0)" }.joined(separator: "\n"))
                example:
                  token_response: {access_token: a1, refresh_token: r1, expires_in: 60}
                  exchange_response: {access_token: long, expires_in: 5184000}
            """
        return try #require(try ProvenanceFile.read(text, name: "sample.yaml").first)
    }

    private func flow(_ mistake: Mistake) throws -> (ClientFlow, StrictProvider) {
        let text = """
            integrations:
              sample:
                documentation: https://a.example/docs
                authorization_endpoint: https://a.example/authorize
                token_endpoint: https://a.example/token
                refresh: {mode: rotates}
                \(mistake.entry)
            """
        let catalog = try Catalog(files: [CatalogFile(name: "sample.yaml", text: text)])
        let facts = try provenance(mistake.facts)
        let integration = try DocumentedIntegration.configured(try #require(catalog["sample"]))
        return (
            ClientFlow(integration, facts),
            StrictProvider(facts, redirectURI: DocumentedIntegration.redirectURI)
        )
    }

    private func authorize(_ flow: ClientFlow, _ provider: StrictProvider) throws -> AuthorizationGrant {
        try flow.grant(provider.authorize(flow.authorizationURL(), scopes: DocumentedIntegration.appScopes))
    }

    @Test(arguments: [
        Mistake(
            facts: "authorization_endpoint: {value: 'https://b.example/authorize', agree: [docs]}", "endpoint"
        ),
        Mistake(
            facts: "authorization_endpoint: {value: 'https://a.example/authorize/', agree: [docs]}",
            "endpoint"),
        Mistake(facts: "pkce: {value: refused, agree: [docs]}", "code_challenge is refused"),
        Mistake(facts: "pkce: {value: none, agree: [docs]}", "code_challenge is refused"),
        Mistake(
            entry: "pkce: none", facts: "pkce: {value: required, agree: [docs]}", "code_challenge is missing"),
        Mistake(entry: "pkce: none", "code_challenge is missing"),
        Mistake(entry: "scope: {separator: ','}", "scope is"),
        Mistake(facts: "scope_separator: {value: null, agree: [docs]}", "no such parameter"),
        Mistake(entry: "scope: {mode: none}", "scope is missing"),
        Mistake(entry: "required_scopes: [offline]", "scope is"),
        Mistake(facts: "required_scopes: {value: [offline], agree: [docs]}", "scope is"),
        Mistake(entry: "authorization: {parameters: {prompt: consent}}", "prompt is unknown"),
        Mistake(
            facts: "authorization_parameters: {value: {prompt: consent}, agree: [docs]}", "prompt is missing"),
        Mistake(entry: "authorization: {parameter_names: {client_id: key}}", "client_id is missing"),
        Mistake(entry: "authorization: {omit: [response_type]}", "response_type is missing"),
        Mistake(entry: "authorization: {omit: [redirect_uri]}", "redirect_uri is missing"),
        Mistake(
            facts: "authorization_names: {value: {response_type: null}, agree: [docs]}",
            "response_type is unknown"),
        Mistake(entry: "authorization: {nonce: always}", "nonce without"),
        Mistake(facts: "max_state_length: {value: 4, agree: [docs]}", "state is longer"),
    ]) func `an authorization request that the provider would reject is rejected`(_ mistake: Mistake) throws {
        let (flow, provider) = try flow(mistake)
        do throws(StrictProvider.Rejection) {
            let url: String
            do {
                url = try flow.authorizationURL()
            } catch {
                throw StrictProvider.Rejection(reasons: ["\(error)"])
            }
            _ = try provider.authorize(url, scopes: DocumentedIntegration.appScopes)
            Issue.record("it was accepted")
        } catch {
            #expect(error.reasons.contains { $0.contains(mistake.reason) }, "\(error)")
        }
    }

    @Test(arguments: [
        Mistake(entry: "token: {authentication: client_secret_basic}", "must use the body"),
        Mistake(entry: "token: {authentication: both}", "must use the body"),
        Mistake(
            facts: "token_headers: {value: {X-Tenant: '1'}, agree: [docs]}", "header X-Tenant is missing"),
        Mistake(
            entry: "token: {headers: {X-Tenant: '2'}}",
            facts: "token_headers: {value: {X-Tenant: '1'}, agree: [docs]}", "header X-Tenant is 2"),
        Mistake(facts: "authentication: {value: private_key_jwt, agree: [docs]}", "must send an assertion"),
        Mistake(
            entry: "token: {client_assertion: {algorithm: RS256, audience: token_endpoint}}",
            "must use the body"),
        Mistake(facts: "authentication: {value: client_secret_basic, agree: [docs]}", "must use Basic"),
        Mistake(
            entry: "token: {authentication: both}",
            facts: "authentication: {value: client_secret_basic, agree: [docs]}", "Basic and the body"),
        Mistake(facts: "authentication: {value: none, agree: [docs]}", "must have no secret"),
        Mistake(entry: "token: {body: json}", "the body is application/json"),
        Mistake(facts: "body: {value: json, agree: [docs]}", "the body is application/x-www-form-urlencoded"),
        Mistake(facts: "body: {value: query, agree: [docs]}", "there is a body"),
        Mistake(facts: "token_method: {value: GET, agree: [docs]}", "the method is POST"),
        Mistake(entry: "token: {parameters: {action: x}}", "action is unknown"),
        Mistake(facts: "token_parameters: {value: {action: x}, agree: [docs]}", "action is missing"),
        Mistake(entry: "token: {parameters: {grant_type: other}}", "grant_type is other"),
        Mistake(entry: "token: {omit: [grant_type]}", "grant_type is missing"),
        Mistake(entry: "token: {omit: [redirect_uri]}", "redirect_uri is missing"),
        Mistake(
            facts: "token_names: {value: {redirect_uri: null}, agree: [docs]}", "redirect_uri is unknown"),
        Mistake(entry: "token: {parameter_names: {client_id: key}}", "client must use the body"),
        Mistake(
            facts: "token_endpoint: {value: 'https://b.example/token', agree: [docs]}", "there is nothing"),
    ]) func `a token request that the provider would reject is rejected`(_ mistake: Mistake) throws {
        let (flow, provider) = try flow(mistake)
        let response = provider.respond(to: try flow.exchange(authorize(flow, provider)))
        #expect(response.status == 400)
        #expect(provider.reasons.contains { $0.contains(mistake.reason) }, "\(provider.reasons)")
    }

    @Test func `a client that does as the facts say is served`() throws {
        let (flow, provider) = try flow(Mistake(""))
        let response = provider.respond(to: try flow.exchange(authorize(flow, provider)))
        #expect(response.status == 200)
        #expect(response.body.accessTokens == ["a1"])
        #expect(provider.reasons == [])
    }

    @Test func `a code is good for one exchange`() throws {
        let (flow, provider) = try flow(Mistake(""))
        let request = try flow.exchange(authorize(flow, provider))
        #expect(provider.respond(to: request).status == 200)
        #expect(provider.respond(to: request).status == 400)
        #expect(provider.respond(to: try flow.exchange(AuthorizationGrant(code: "invented"))).status == 400)
    }

    @Test func `another verifier is rejected`() throws {
        let (flow, provider) = try flow(Mistake(""))
        let grant = try authorize(flow, provider)
        let request = try ProviderRequest.exchange(
            flow.integration, endpoints: flow.endpoints(grant), code: grant.code,
            redirectURI: DocumentedIntegration.redirectURI, codeVerifier: "another")
        #expect(provider.respond(to: request).status == 400)
        #expect(provider.reasons == ["the verifier is not the challenge's"])
    }

    private static let exchanges = [
        "exchange_endpoint: {value: 'https://a.example/long', agree: [docs]}",
        "exchange_method: {value: GET, agree: [docs]}",
        "exchange_parameters: {value: {secret: '{client_secret}', token: '{access_token}'}, agree: [docs]}",
    ].joined(separator: "\n      ")

    private static func exchange(_ keys: String) -> String {
        "exchange_after: {\(keys)}"
    }

    @Test(arguments: [
        (
            "url: 'https://a.example/long', method: GET, parameters: {secret: '{client_secret}', token: '{access_token}'}",
            ""
        ),
        (
            "url: 'https://a.example/other', method: GET, parameters: {secret: '{client_secret}', token: '{access_token}'}",
            "there is nothing"
        ),
        (
            "url: 'https://a.example/long', parameters: {secret: '{client_secret}', token: '{access_token}'}",
            "the method is POST"
        ),
        (
            "url: 'https://a.example/long', method: GET, parameters: {token: '{access_token}'}",
            "secret is missing"
        ),
        (
            "url: 'https://a.example/long', method: GET, parameters: {secret: '{client_id}', token: '{access_token}'}",
            "secret is client"
        ),
        (
            "url: 'https://a.example/long', method: GET, parameters: {secret: '{client_secret}', token: '{access_token}', more: x}",
            "more is unknown"
        ),
        (
            "url: 'https://a.example/long', method: GET, parameters: {secret: '{client_secret}', token: 'x{access_token}'}",
            "there is nothing"
        ),
    ]) func `a second exchange is what the sources show`(_ keys: String, _ reason: String) throws {
        let (flow, provider) = try flow(
            Mistake(entry: Self.exchange(keys), facts: Self.exchanges, ""))
        let grant = try authorize(flow, provider)
        #expect(provider.respond(to: try flow.exchange(grant)).status == 200)
        let request = try #require(
            try ProviderRequest.secondExchange(
                flow.integration, endpoints: flow.endpoints(grant), accessToken: "a1"))
        let response = provider.respond(to: request)
        #expect(response.status == (reason.isEmpty ? 200 : 400))
        #expect(response.body.accessTokens == (reason.isEmpty ? ["long"] : []))
        let isNamed = provider.reasons.contains { $0.contains(reason) }
        #expect(isNamed != reason.isEmpty, "\(provider.reasons)")
    }

    @Test(arguments: [("rotates", 400), ("stable", 200)])
    func `an old refresh token ends where it rotates`(_ mode: String, _ expected: Int) throws {
        let (flow, provider) = try flow(Mistake(facts: "refresh: {value: \(mode), agree: [docs]}", ""))
        let grant = try authorize(flow, provider)
        #expect(provider.respond(to: try flow.exchange(grant)).status == 200)
        let request = try #require(
            try ProviderRequest.refresh(
                flow.integration, endpoints: flow.endpoints(grant), refreshToken: "r1"))
        #expect(provider.respond(to: request).status == 200)
        #expect(provider.respond(to: request).status == expected)
    }

    @Test func `a grant that has ended looks nothing up and refreshes nothing`() throws {
        let entry = "revocation_endpoint: https://a.example/revoke"
        let facts = "revocation_endpoint: {value: 'https://a.example/revoke', agree: [docs]}"
        let (flow, provider) = try flow(Mistake(entry: entry, facts: facts, ""))
        let grant = try authorize(flow, provider)
        #expect(provider.respond(to: try flow.exchange(grant)).status == 200)
        func revocation(_ token: String, _ hint: String) throws -> ProviderRequest {
            try #require(
                try ProviderRequest.revocation(
                    flow.integration, endpoints: flow.endpoints(grant), token: token, tokenTypeHint: hint))
        }
        for (token, hint) in [
            ("r1", "access_token"), ("a1", "refresh_token"), ("r2", "refresh_token"), ("", "refresh_token"),
        ] {
            #expect(provider.respond(to: try revocation(token, hint)).status == 400, "\(token) \(hint)")
        }
        #expect(provider.respond(to: try revocation("r1", "refresh_token")).status == 200)
        let refresh = try #require(
            try ProviderRequest.refresh(
                flow.integration, endpoints: flow.endpoints(grant), refreshToken: "r1"))
        #expect(provider.respond(to: refresh).status == 400)
    }

    @Test(arguments: [
        ("aud: 'https://a.example/token', alg: RS256", ""), ("alg: PS256", "is signed with RS256"),
        ("aud: 'https://a.example'", "is for https://a.example/token"),
    ]) func `an assertion is for whom the provider says, and signed as it says`(
        _ shown: String, _ reason: String
    )
        throws
    {
        let entry = "token: {client_assertion: {algorithm: RS256, audience: token_endpoint}}"
        let facts = [
            "authentication: {value: private_key_jwt, agree: [docs]}",
            "      assertion: {value: {\(shown)}, agree: [docs]}",
        ].joined(separator: "\n")
        let (flow, provider) = try flow(Mistake(entry: entry, facts: facts, ""))
        let response = provider.respond(to: try flow.exchange(authorize(flow, provider)))
        #expect(response.status == (reason.isEmpty ? 200 : 400), "\(provider.reasons)")
        #expect(provider.reasons.contains { $0.contains(reason) } == !reason.isEmpty, "\(provider.reasons)")
    }
}
