import Integrations
import OAuth
import Testing

@testable import OAuthHTTP

@Suite("ProviderClient", .timeLimit(.minutes(1))) struct ProviderClientTests {
    /// A client of a provider whose endpoints have the given paths.
    private func sample(_ server: TestServer, token: String, revocation: String? = nil) throws
        -> ConfiguredIntegration
    {
        let text = """
            integrations:
              sample:
                documentation: https://example.com/docs
                authorization_endpoint: \(server.url("/authorize"))
                token_endpoint: \(server.url(token))
            \(revocation.map { "    revocation_endpoint: \(server.url($0))" } ?? "")
            """
        let catalog = try Catalog(
            files: [CatalogFile(name: "test.yaml", text: text)], allowsInsecureLoopback: true)
        return try ConfiguredIntegration(
            try #require(catalog["sample"]),
            settings: IntegrationSettings(clientID: "client", clientSecret: ClientSecret("secret")),
            allowsInsecureLoopback: true)
    }

    /// In a hurry only where the provider hangs.
    private static func configuration(_ path: String) -> ProviderHTTPConfiguration {
        ProviderHTTPConfiguration(
            timeout: path == "/hang" ? .milliseconds(500) : .seconds(20), connectTimeout: .seconds(5),
            allowsInsecureLoopback: true)
    }

    private func exchange(_ path: String, isDown: Bool = false) async throws
        -> Result<TokenResponse, ProviderError>
    {
        let server = try await TestServer()
        let integration = try sample(server, token: path)
        if isDown { try await server.close() }
        let client = ProviderHTTPClient(Self.configuration(path))
        let request = try ProviderRequest.exchange(
            integration, endpoints: integration.endpoints(), code: "code", redirectURI: "https://a.example",
            codeVerifier: nil)
        let result: Result<TokenResponse, ProviderError>
        do throws(ProviderError) {
            result = .success(
                try await ProviderClient(client).tokens(request, for: integration, requestedScopes: []))
        } catch {
            result = .failure(error)
        }
        await client.shutdown()
        if !isDown { try await server.close() }
        return result
    }

    @Test func `a token response is granted`() async throws {
        #expect(try await exchange("/ok").get().accessToken == "A")
    }

    @Test(arguments: [
        ("/bad", ProviderError.rejected(code: "invalid_grant", description: nil, subject: .grant)),
        ("/unavailable", .transient(reason: "status 503", retryAfter: .seconds(120))),
        ("/unavailable-for-ever", .transient(reason: "status 429", retryAfter: .seconds(3_600))),
        ("/slow-down", .transient(reason: "slow_down", retryAfter: nil)),
        ("/server-error", .transient(reason: "server_error", retryAfter: nil)),
        ("/garbage", .noResponse(.interrupted)), ("/hang", .noResponse(.timedOut)),
        ("/br", .noResponse(.unreadable)), ("/endless", .noResponse(.tooLarge)),
    ]) func `what came of a request is told apart`(_ path: String, _ expected: ProviderError) async throws {
        let result = try await exchange(path)
        #expect(throws: expected) { try result.get() }
        #expect(!expected.isCertainlyNotSent)
    }

    @Test func `S09 only what was certainly not sent may be sent again`() async throws {
        let result = try await exchange("/ok", isDown: true)
        #expect(throws: ProviderError.notSent(.unreachable)) { try result.get() }
        #expect(ProviderError.notSent(.unreachable).isCertainlyNotSent)
        guard case .failure(.unusable) = try await exchange("/full") else {
            Issue.record("a response without a token is unusable")
            return
        }
        #expect(!ProviderError.unusable(reason: "").isCertainlyNotSent)
    }

    @Test(
        arguments: [
            ("/ok", TokenRevocation.revoked), ("/bad", .rejected(status: 400)), ("/unavailable", .unknown),
            ("/hang", .unknown), (nil, .notPossible),
        ] as [(String?, TokenRevocation)]) func `what a revocation came to is told apart`(
            _ path: String?, _ expected: TokenRevocation
        ) async throws
    {
        let server = try await TestServer()
        let integration = try sample(server, token: "/ok", revocation: path)
        let client = ProviderHTTPClient(Self.configuration(path ?? ""))
        let revocation = try await ProviderClient(client).revoke(
            accessToken: "a", refreshToken: "r", of: integration, endpoints: integration.endpoints())
        #expect(revocation == expected)
        #expect(server.requests.allSatisfy { $0.contains("token=r&token_type_hint=refresh_token") })
        await client.shutdown()
        try await server.close()
    }
}
