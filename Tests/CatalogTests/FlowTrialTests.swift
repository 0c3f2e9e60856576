import Encodings
import Integrations
import Mirrors
import Testing

/// What `symbolon integrations try` runs, for every entry.
@Suite("Trials of flows", .timeLimit(.minutes(5))) struct FlowTrialTests {
    private func report(
        _ id: String, isEntryOnly: Bool, given: [String: String] = [:]
    ) async throws -> TrialReport {
        let entry = try #require(try DocumentedIntegration.catalog.get()[id])
        let provenance = isEntryOnly ? nil : try ProvenanceFile.embedded(id)
        return try await FlowTrial(entry, provenance: provenance, given: given) { _ in
            DocumentedIntegration.redirectURI
        }.run()
    }

    /// All but the one of which nothing is known: its account is the operator's to say.
    @Test(arguments: DocumentedIntegration.every.map(\.id).filter { $0 != "generic" })
    func `a whole flow comes to its end against what sources show`(_ id: String) async throws {
        let report = try await report(id, isEntryOnly: false)
        #expect(report.failure == nil)
        #expect(report.held.contains(.exchange))
    }

    @Test(arguments: DocumentedIntegration.every.map(\.id))
    func `a mirror that is as strict as an entry takes what the entry makes`(_ id: String) async throws {
        // Only the look-up's pattern says which hosts it allows.
        let given = id == "wrike" ? ["host": "www.wrike.com"] : [:]
        let report = try await report(id, isEntryOnly: true, given: given)
        #expect(report.failure == nil)
    }

    @Test func `a field that is no host of the look-up is named, and what to do`() async throws {
        let report = try await report("wrike", isEntryOnly: true)
        #expect(
            report.failure
                == "account: the field `host` is no host that the look-up allows: give it with --param NAME=VALUE"
        )
    }

    @Test(arguments: [
        ("facebook", TrialStep.exchangeAfter), ("instagram", TrialStep.exchangeAfter),
        ("threads", TrialStep.exchangeAfter), ("instagram", TrialStep.refresh),
        ("slack", TrialStep.revocation), ("shopify", TrialStep.callback), ("apple", TrialStep.exchange),
    ]) func `a step that an entry has is taken`(_ id: String, _ step: TrialStep) async throws {
        let report = try await report(id, isEntryOnly: false)
        #expect(report.held.contains(step))
        #expect(report.records.count == TrialStep.allCases.count)
    }

    private static let entry = """
        integrations:
          acme:
            documentation: https://a.example/docs
            authorization_endpoint: https://a.example/authorize
            token_endpoint: https://a.example/token
            revocation_endpoint: https://a.example/revoke
            account: {id: user.id, lookup: {url: https://a.example/me}}
        """

    @Test(arguments: [
        ("pkce: {value: refused, agree: [docs]}", "authorization", "code_challenge is refused"),
        ("scope_separator: {value: null, agree: [docs]}", "", ""),
        ("body: {value: json, agree: [docs]}", "exchange", "must be application/json"),
        ("authentication: {value: client_secret_basic, agree: [docs]}", "exchange", "must use Basic"),
        ("token_endpoint: {value: 'https://b.example/token', agree: [docs]}", "exchange", "there is nothing"),
        ("refresh_method: {value: GET, agree: [docs]}", "refresh", "the method is POST"),
        ("account: {value: 'https://a.example/you', agree: [docs]}", "account", "is not"),
        ("max_state_length: {value: 10, agree: [docs]}", "authorization", "state is longer"),
        ("lookup_method: {value: POST, agree: [docs]}", "account", "the method is GET"),
        (
            "lookup_headers: {value: {X-Token: '{access_token}'}, agree: [docs]}", "account",
            "header X-Token is missing"
        ),
        (
            "lookup_headers: {value: {Authorization: '{access_token}'}, agree: [docs]}", "account",
            "header Authorization is Bearer a1"
        ),
        ("lookup_headers: {value: {}, agree: [docs]}", "account", "Authorization is unknown"),
        ("lookup_headers: {value: {Authorization: 'Bearer {access_token}'}, agree: [docs]}", "", ""),
        ("lookup_body: {value: {query: me}, agree: [docs]}", "account", "the body is"),
        ("nonce: {value: required, agree: [docs]}", "authorization", "nonce is missing"),
        ("revocation_method: {value: DELETE, agree: [docs]}", "revocation", "the method is POST"),
        ("revocation_body: {value: json, agree: [docs]}", "revocation", "must be application/json"),
        ("revocation_body: {value: query, agree: [docs]}", "revocation", "there is a body"),
        ("revoked_token: {value: access_token, agree: [docs]}", "revocation", "no token of this grant"),
        ("revoked_token: {value: refresh_token, agree: [docs]}", "", ""),
        ("revocation_authentication: {value: bearer, agree: [docs]}", "revocation", "the token comes twice"),
        (
            "revocation_authentication: {value: client_secret_basic, agree: [docs]}", "revocation",
            "must use Basic"
        ),
        ("revocation_authentication: {value: none, agree: [docs]}", "revocation", "must have no secret"),
        (
            "revocation_names: {value: {token: refresh_token}, agree: [docs]}", "revocation",
            "no token of this grant"
        ),
        (
            "revocation_names: {value: {token_type_hint: null}, agree: [docs]}", "revocation",
            "token_type_hint is unknown"
        ),
        ("revocation_parameters: {value: {all: 'true'}, agree: [docs]}", "revocation", "all is missing"),
        ("revocation_parameters: {value: {}, agree: [docs]}", "", ""),
        (
            "revocation_headers: {value: {Authorization: 'Bearer {token}'}, agree: [docs]}", "revocation",
            "header Authorization is missing"
        ),
        (
            "revocation_headers: {value: {X-Client: '{client_secret}'}, agree: [docs]}", "revocation",
            "header X-Client is missing"
        ),
    ]) func `a trial ends at the step that the provider would reject`(
        _ fact: String, _ step: String, _ reason: String
    ) async throws {
        let catalog = try Catalog(files: [CatalogFile(name: "a.yaml", text: Self.entry)])
        let facts = try ProvenanceFile.read(
            """
            integrations:
              acme:
                seen: 2026-11-28
                sources: {docs: {url: 'https://a.example/docs'}}
                facts:
                  \(fact)
                example: {token_response: {access_token: a1, refresh_token: r1, user: {id: u1}}}
            """, name: "p.yaml"
        ).first
        let report = try await FlowTrial(
            try #require(catalog["acme"]), provenance: facts, given: [:]
        ) { _ in DocumentedIntegration.redirectURI }.run()
        #expect(report.records.last { $0.failure != nil }?.step.rawValue ?? "" == step)
        #expect((report.failure ?? "").contains(reason), "\(report.failure ?? "")")
    }

    @Test(
        arguments: [
            ("id_token_claims: {sub: s}", nil),
            ("id_token_claims: {sub: s, nonce: another}", "nonce is another"),
            ("id_token_claims: {sub: s, nonce: ''}", "nonce is "),
        ] as [(String, String?)]) func `an ID token with another flow's nonce ends a trial`(
            _ claims: String, _ reason: String?
        )
        async throws
    {
        let text = Self.entry + "\n    required_scopes: [openid]"
        let catalog = try Catalog(files: [CatalogFile(name: "a.yaml", text: text)])
        let facts = try ProvenanceFile.read(
            """
            integrations:
              acme:
                seen: 2026-11-28
                sources: {docs: {url: 'https://a.example/docs'}}
                facts: {}
                example: {token_response: {access_token: a1, user: {id: u1}}, \(claims)}
            """, name: "p.yaml"
        ).first
        let report = try await FlowTrial(
            try #require(catalog["acme"]), provenance: facts, given: [:]
        ) { _ in DocumentedIntegration.redirectURI }.run()
        #expect((report.failure == nil) == (reason == nil))
        #expect(report.failure?.contains(reason ?? "") ?? true, "\(report.failure ?? "")")
    }

    @Test func `an account that no response names ends a trial`() async throws {
        let text = Self.entry.replacing("id: user.id", with: "id: user.nobody")
        let catalog = try Catalog(files: [CatalogFile(name: "a.yaml", text: text)])
        let facts = try ProvenanceFile.read(
            """
            integrations:
              acme:
                seen: 2026-11-28
                sources: {docs: {url: 'https://a.example/docs'}}
                facts: {}
                example: {token_response: {access_token: a1, user: {id: u1}}}
            """, name: "p.yaml"
        ).first
        let report = try await FlowTrial(
            try #require(catalog["acme"]), provenance: facts, given: [:]
        ) { _ in DocumentedIntegration.redirectURI }.run()
        #expect(report.failure == "account: no response names the account")
    }
}
