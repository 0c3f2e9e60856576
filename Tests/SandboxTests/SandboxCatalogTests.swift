import Integrations
import OAuth
import StateTokens
import Testing

@testable import ConnectPages
@testable import Sandbox

/// The entry and the provider fit each other: the service's own client speaks to it, without a socket between.
@Suite("Sandbox catalog entry") struct SandboxCatalogTests {
    private let secret = "s3cret:%+ü"

    private func configured(_ publicURL: String) throws -> ConfiguredIntegration {
        let audience = try #require(Audience(publicURL: publicURL))
        let catalog = try Catalog(
            files: [SandboxServer.catalogFile(publicURL: audience)], allowsInsecureLoopback: true)
        let settings = IntegrationSettings(
            clientID: SandboxServer.clientID, clientSecret: ClientSecret(secret))
        return try ConfiguredIntegration(
            #require(catalog[SandboxServer.integrationID]), settings: settings, allowsInsecureLoopback: true)
    }

    @Test(arguments: ["http://127.0.0.1:8080", "http://[::1]:80/", "http://localhost:1/base"])
    func `the entry is a good one`(_ publicURL: String) throws {
        let endpoints = try configured(publicURL).endpoints()
        let base = try #require(Audience(publicURL: publicURL)).description
        #expect(endpoints.issuer == "\(base)/sandbox")
        #expect(endpoints.authorization == "\(base)/sandbox/authorize")
        #expect(endpoints.token == "\(base)/sandbox/token")
        #expect(endpoints.revocation == "\(base)/sandbox/revoke")
    }

    @Test func `the service's own requests go through`() throws {
        let integration = try configured("http://127.0.0.1:8080")
        let endpoints = try integration.endpoints()
        let provider = SandboxProvider(
            issuer: "http://127.0.0.1:8080/sandbox",
            client: SandboxClient(id: SandboxServer.clientID, secret: secret, redirectURI: sandboxRedirectURI)
        )

        let url = try AuthorizationRequest(
            integration, endpoints: endpoints, redirectURI: sandboxRedirectURI,
            scopes: integration.scopes(requested: []), state: "state", codeChallenge: sandboxChallenge
        ).url()
        let query = try #require(url.split(separator: "?").last)
        let consent = try provider.consent(to: #require(SandboxParameters(Array(query.utf8))))
        let form: Fields = ConsentPage(consent, clientID: SandboxServer.clientID).fields.map {
            ($0.name, $0.value)
        }
        let location = try provider.conclude(form.setting("answer", "allow").parameters)
        let callback = try SandboxBench.query(location)
        try IssuerCheck.verify(callback["iss"], for: integration, endpoints: endpoints)

        let tokens = try send(
            ProviderRequest.exchange(
                integration, endpoints: endpoints, code: #require(callback["code"]),
                redirectURI: sandboxRedirectURI,
                codeVerifier: sandboxVerifier), to: provider)
        #expect(tokens.scopes == [.profile, .email])
        let refreshed = try send(
            #require(
                try ProviderRequest.refresh(
                    integration, endpoints: endpoints, refreshToken: tokens.refreshToken)
            ),
            to: provider)
        let revocation = try #require(
            try ProviderRequest.revocation(
                integration, endpoints: endpoints, token: refreshed.refreshToken,
                tokenTypeHint: "refresh_token"))
        try provider.revoke(
            #require(SandboxParameters(revocation.body)), authorization: Self.authorization(revocation))
        #expect(provider.scopes(accessToken: refreshed.accessToken) == nil)
    }

    private func send(_ request: ProviderRequest, to provider: SandboxProvider) throws -> SandboxTokens {
        try provider.tokens(
            #require(SandboxParameters(request.body)), authorization: Self.authorization(request))
    }

    private static func authorization(_ request: ProviderRequest) -> String? {
        request.headers.first { $0.name == "Authorization" }?.value
    }
}
