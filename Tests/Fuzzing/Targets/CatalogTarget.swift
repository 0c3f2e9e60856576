import ConnectService

@testable import Integrations

/// The operator's files: none of them gives an endpoint without https, or a place to send users
/// to that is none.
struct CatalogTarget: FuzzTarget {
    /// Entries to inherit from and to change; reading all of the catalog again for every input takes too long.
    private let embedded: EntryTable

    init() {
        var embedded = EntryTable()
        for file in [EmbeddedFile.generic_yaml, EmbeddedFile.google_yaml] {
            let mistakes = MistakeList()
            embedded.add(CatalogFile(embedded: file).entries(mistakes), mistakes: mistakes)
        }
        embedded.settle()
        self.embedded = embedded
    }

    mutating func read(_ input: [UInt8]) throws -> Count {
        var count = Count(tried: 2)
        let text = String(decoding: input, as: UTF8.self)
        if let integrations = integrations(CatalogFile(name: "fuzz.yaml", text: text)) {
            count.accepted += 1
            for integration in integrations { expectSafe(integration) }
        }
        if let directory = try? WorkspaceFile.parse(
            text, path: "fuzz.yaml", readLogo: { _ in nil })
        {
            count.accepted += 1
            expect(directory.workspaces.allSatisfy { !$0.id.isEmpty })
            for uri in ["http://evil.example/", "javascript:alert(1)", "//evil.example", ""] {
                expect(!directory.workspaces.contains { $0.redirectURIs.allows(uri) }, uri)
            }
        }
        return count
    }

    /// As `Catalog` makes them of a file; `nil` if there is a mistake in it.
    private func integrations(_ file: CatalogFile) -> [Integration]? {
        let mistakes = MistakeList()
        var entries = embedded
        entries.add(file.entries(mistakes), mistakes: mistakes)
        let integrations = entries.integrations(allowsInsecureLoopback: false, mistakes: mistakes)
        return mistakes.mistakes.isEmpty ? Array(integrations.values) : nil
    }

    private func expectSafe(_ integration: Integration) {
        expect(integration.id.wholeMatch(of: /[a-z][a-z0-9_-]{0,63}/) != nil, integration.id)
        for template in [
            integration.authorizationEndpoint, integration.tokenEndpoint, integration.refreshEndpoint,
            integration.revocationEndpoint, integration.issuer,
        ] {
            guard let url = template?.text else { continue }
            let authority = url.dropFirst("https://".count).prefix { !"/?#".contains($0) }
            expect(url.lowercased().hasPrefix("https://"), url)
            expect(!authority.isEmpty && !authority.contains("@") && !authority.contains("\\"), url)
            expect(url.utf8.allSatisfy { (0x21...0x7e).contains($0) }, url)
        }
        let settings = IntegrationSettings(clientID: "client", clientSecret: ClientSecret("secret"))
        let configured = try? ConfiguredIntegration(integration, settings: settings)
        if let endpoints = try? configured?.endpoints(parameters: [:]) {
            expect(endpoints.token.lowercased().hasPrefix("https://"), endpoints.token)
        }
    }
}
