import Encodings
import Integrations
import Mirrors
import Testing

/// What `symbolon integrations try` runs, for every entry.
@Suite("Trials of flows", .timeLimit(.minutes(5))) struct FlowTrialTests {
    /// And two whose endpoints no source shows: one has none, the other's are behind a fragment.
    private static let ids = DocumentedIntegration.all.map(\.id) + ["smart-on-fhir", "apollo"]

    private func report(_ id: String, isEntryOnly: Bool) async throws -> TrialReport {
        let entry = try #require(try DocumentedIntegration.catalog.get()[id])
        let provenance = isEntryOnly ? nil : try ProvenanceFile.embedded(id)
        return try await FlowTrial(entry, provenance: provenance, given: [:]) { _ in
            DocumentedIntegration.redirectURI
        }.run()
    }

    @Test(arguments: ids)
    func `a whole flow comes to its end against what sources show`(_ id: String) async throws {
        let report = try await report(id, isEntryOnly: false)
        #expect(report.failure == nil)
        #expect(report.held.contains(.exchange))
    }

    @Test func `a mirror that is as strict as an entry takes what the entry makes`() async throws {
        // One of each kind, since each flow has a server of its own.
        for id in [
            "apple", "clickup", "facebook", "figma", "generic", "gmail", "instagram", "notion", "shopify",
            "slack", "stack-overflow", "tiktok", "wechat", "x", "zoho-crm",
        ] {
            let report = try await report(id, isEntryOnly: true)
            #expect(report.failure == nil, "\(id)")
        }
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
