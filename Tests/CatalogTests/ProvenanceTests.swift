import Integrations
import Mirrors
import Testing

@Suite("Provenance") struct ProvenanceTests {
    @Test func `every file can be read, and no integration is in two of them`() throws {
        let ids = try ProvenanceFile.all().map(\.id)
        #expect(ids.count == Set(ids).count)
        #expect(ids.count >= 76)
    }

    @Test func `every integration has provenance, and nothing else has`() throws {
        let catalog = try Set(DocumentedIntegration.catalog.get().integrations.map(\.id))
        let shown = try Set(ProvenanceFile.all().map(\.id))
        #expect(catalog.subtracting(shown).sorted() == [])
        #expect(shown.subtracting(catalog).sorted() == [])
    }

    /// On the provider's own page, or in two public sources of which one is younger than a year.
    @Test func `every endpoint of a proven integration is shown`() throws {
        let shown = Dictionary(
            try ProvenanceFile.all().map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var missing: [String] = []
        for integration in try DocumentedIntegration.catalog.get().integrations {
            guard integration.about.status == .proven, !integration.hasConfiguredEndpoints else { continue }
            let endpoints: [(FactName, URLTemplate?)] = [
                (.authorizationEndpoint, integration.authorizationEndpoint),
                (.tokenEndpoint, integration.tokenEndpoint),
                (.refreshEndpoint, integration.refreshEndpoint),
                (.revocationEndpoint, integration.revocationEndpoint),
            ]
            if integration.secondExchange != nil, shown[integration.id]?.shows(.exchangeEndpoint) != true {
                missing.append("\(integration.id) \(FactName.exchangeEndpoint.rawValue)")
            }
            for (name, url) in endpoints where url != nil {
                if shown[integration.id]?.shows(name) != true {
                    missing.append("\(integration.id) \(name.rawValue)")
                }
            }
        }
        #expect(missing == [])
    }

    @Test(arguments: [
        ("    surprise: 1", "there is no such key"),
        ("    facts: {token_url: {value: a, agree: [docs]}}", "there is no such key"),
        ("    facts: {pkce: {value: none, agree: [blog]}}", "is not one of the sources"),
        ("    facts: {pkce: {value: none, agree: []}}", "must list sources"),
        ("    facts: {pkce: {value: none}}", "is needed"),
        ("    facts: {pkce: {agree: [docs]}}", "is needed"),
        ("    facts: {pkce: {value: none, agree: [docs], seen: x}}", "there is no such key"),
        ("    facts: {pkce: {value: none, agree: [docs], differ: {blog: x}}}", "is not one of the sources"),
        ("    sources: {docs: {url: a page}}", "must be a URL"),
        ("    sources: {docs: {}}", "must be a URL"),
        ("    example: {}", "is needed"),
        ("    example: {token_response: {}, surprise: 1}", "there is no such key"),
        ("    example: {token_response: {}, account: {name: x}}", "there is no such key"),
        ("    example: 1", "must be a mapping"),
    ]) func `a mistake in a file is named`(_ line: String, _ problem: String) throws {
        var lines = [
            "    seen: 2026-11-28", "    sources: {docs: {url: 'https://a.example'}}",
            "    facts: {pkce: {value: none, agree: [docs]}}",
            "    example: {token_response: {access_token: a}}",
        ]
        let key = line.split(separator: ":")[0]
        lines.removeAll { $0.hasPrefix("\(key):") }
        let good = "integrations:\n  a:\n" + lines.joined(separator: "\n") + "\n"
        do {
            _ = try ProvenanceFile.read(good + line + "\n", name: "a.yaml")
            Issue.record("it was read")
        } catch {
            #expect("\(error)".contains(problem), "\(error)")
        }
    }

    @Test(arguments: [
        (["docs"], true), (["discovery"], true), (["docs_token"], true), (["new"], false), (["old"], false),
        (["new", "old"], true), (["old", "older"], false), (["new", "same"], false),
        (["undated", "old"], false),
        (["undated", "new"], true),
    ]) func `two sources are enough if they are independent and one is young`(
        _ agree: [String], _ expected: Bool
    ) throws {
        let text = """
            integrations:
              a:
                seen: 2026-11-28
                sources:
                  docs: {url: 'https://a.example/docs'}
                  docs_token: {url: 'https://a.example/token'}
                  discovery: {url: 'https://a.example/.well-known/openid-configuration'}
                  new: {url: 'https://github.com/a/one/x', date: 2026-01-01}
                  same: {url: 'https://github.com/a/one/y', date: 2026-01-01}
                  old: {url: 'https://github.com/b/two/x', date: 2025-11-27}
                  older: {url: 'https://github.com/c/three/x', date: 2021-01-01}
                  undated: {url: 'https://github.com/d/four/x'}
                facts:
                  token_endpoint: {value: 'https://a.example/t', agree: [\(agree.joined(separator: ", "))]}
                example: {token_response: {access_token: a}}
            """
        let provenance = try #require(try ProvenanceFile.read(text, name: "a.yaml").first)
        #expect(provenance.shows(.tokenEndpoint) == expected)
        #expect(!provenance.shows(.refreshEndpoint))
    }
}

extension Provenance {
    /// Whether sources enough agree on a fact.
    func shows(_ name: FactName) -> Bool {
        guard let fact = facts[name] else { return false }
        let own = fact.agree.contains { name in
            ["docs", "discovery"].contains { name == $0 || name.hasPrefix("\($0)_") }
        }
        if own { return true }
        let agreeing = fact.agree.compactMap { sources[$0] }
        let isYoung = agreeing.contains { $0.date.map { $0 > Self.yearBefore(seen) } ?? false }
        return isYoung && Set(agreeing.map(\.origin)).count >= 2
    }

    /// Dates are texts in the order of time.
    private static func yearBefore(_ day: String) -> String {
        let year = Int(day.prefix(4)) ?? 0
        return "\(year - 1)\(day.dropFirst(4))"
    }
}

extension ProvenanceSource {
    /// Two pages of one repository are one source.
    var origin: String {
        let parts = url.split(separator: "/")
        return parts.prefix(parts.count > 1 && parts[1] == "github.com" ? 4 : 2).joined(separator: "/")
    }
}
