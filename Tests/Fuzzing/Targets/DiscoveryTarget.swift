@testable import Integrations

/// An issuer's document: it gives no endpoint without https, and none to a client of another issuer.
struct DiscoveryTarget: FuzzTarget {
    private let issuer = "https://issuer.example.com"
    private let client: ConfiguredIntegration

    init() throws {
        let catalog = try Catalog(files: [])
        guard let generic = catalog["generic"] else { fatalError("the catalog has no `generic`") }
        client = try ConfiguredIntegration(
            generic,
            settings: IntegrationSettings(
                clientID: "client", clientSecret: ClientSecret("secret"), issuer: issuer,
                wantsOfflineAccess: true))
    }

    mutating func read(_ input: [UInt8]) throws -> Count {
        guard let document = try? DiscoveryDocument.parse(input) else { return .refused }
        for url in [document.issuer, document.authorizationEndpoint, document.tokenEndpoint] {
            expect(url?.isEmpty != true)
        }
        guard let found = try? client.discovered(with: document) else { return .refused }
        expect(document.issuer == issuer, "a document of another issuer")
        let endpoints = try found.endpoints()
        for url in [endpoints.authorization, endpoints.token, endpoints.refresh, endpoints.revocation] {
            expect(url?.lowercased().hasPrefix("https://") != false, url ?? "")
        }
        let asks = found.scopes(requested: []).contains("offline_access")
        expect(asks == document.offersOfflineAccess)
        return .accepted
    }
}
