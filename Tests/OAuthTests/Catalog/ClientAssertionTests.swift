import Cryptography
import Encodings
import Foundation
import Integrations
import OAuth
import StateTokens
import Testing

@Suite("A client that signs its requests") struct ClientAssertionTests {
    private static let now = Timestamp(secondsSinceEpoch: 1_800_000_000)
    private func integration(_ assertion: String, key: String, keyID: String? = "k1") throws
        -> ConfiguredIntegration
    {
        let lines = """
            integrations:
              signer:
                documentation: https://example.com/docs
                authorization_endpoint: https://example.com/authorize
                token_endpoint: https://example.com/token
                revocation_endpoint: https://example.com/revoke
                issuer: https://id.example.com
                token: {client_assertion: \(assertion)}
            """
        let catalog = try Catalog(files: [CatalogFile(name: "test.yaml", text: lines)])
        return try ConfiguredIntegration(
            try #require(catalog["signer"]),
            settings: IntegrationSettings(
                clientID: "client", clientSecret: ClientSecret(key), keyID: keyID))
    }

    private func fields(_ request: ProviderRequest) -> [String: String] {
        let pairs = text(request.body).split(separator: "&").map { $0.split(separator: "=") }
        return Dictionary(pairs.map { (String($0[0]), String($0[1])) }) { first, _ in first }
    }

    private func exchange(_ integration: ConfiguredIntegration) throws -> ProviderRequest {
        try ProviderRequest.exchange(
            integration, endpoints: try integration.endpoints(), code: "C",
            redirectURI: "https://a.example/cb", codeVerifier: nil, at: Self.now)
    }

    private func object(_ part: Substring) throws -> [String: Any] {
        let octets = try #require(Base64URL.decode(String(part)))
        return try #require(try JSONSerialization.jsonObject(with: Data(octets)) as? [String: Any])
    }

    @Test(arguments: [
        ("RS256", TestKey.rsa), ("RS384", TestKey.rsa), ("PS256", TestKey.rsa), ("ES256", TestKey.p256),
        ("ES384", TestKey.p384), ("EdDSA", TestKey.ed25519),
    ])
    func `an assertion says who signs for whom, and its signature holds`(_ algorithm: String, _ key: String)
        throws
    {
        let request = try exchange(integration("{algorithm: \(algorithm)}", key: key))
        let fields = fields(request)
        #expect(request.header("Authorization") == nil)
        #expect(fields["client_id"] == "client" && fields["client_secret"] == nil)
        #expect(
            fields["client_assertion_type"]
                == "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer")
        let assertion = try #require(fields["client_assertion"])
        let parts = assertion.split(separator: ".")
        try #require(parts.count == 3)
        let header = try object(parts[0])
        #expect(header["alg"] as? String == algorithm && header["kid"] as? String == "k1")
        let claims = try object(parts[1])
        #expect(Set(claims.keys) == ["iss", "sub", "aud", "jti", "iat", "exp"])
        #expect(claims["iss"] as? String == "client" && claims["sub"] as? String == "client")
        #expect(claims["aud"] as? String == "https://id.example.com")
        #expect(claims["iat"] as? Int == 1_800_000_000 && claims["exp"] as? Int == 1_800_000_060)
        let signature = try #require(Base64URL.decode(String(parts[2])))
        let message = Array("\(parts[0]).\(parts[1])".utf8)
        let known = try #require(SignatureAlgorithm(rawValue: algorithm))
        #expect(try SigningKey(pem: key).publicKey().isValid(signature.span, of: message.span, known))
    }

    @Test(arguments: [
        ("", "https://id.example.com"), (", audience: issuer", "https://id.example.com"),
        (", audience: token_endpoint", "https://example.com/token"),
        (", audience: https://b.example", "https://b.example"),
    ])
    func `the audience is the entry's to say`(_ audience: String, _ expected: String) throws {
        let request = try exchange(
            integration("{algorithm: ES256\(audience)}", key: TestKey.p256, keyID: nil))
        let parts = try #require(fields(request)["client_assertion"]).split(separator: ".")
        #expect(try object(parts[1])["aud"] as? String == expected)
        #expect(try object(parts[0])["kid"] == nil)
    }

    @Test func `no two requests bear the same assertion, and refreshes and revocations have theirs`() throws {
        let integration = try integration("{algorithm: ES256}", key: TestKey.p256)
        let endpoints = try integration.endpoints()
        let requests = [
            try exchange(integration), try exchange(integration),
            try ProviderRequest.refresh(integration, endpoints: endpoints, refreshToken: "R", at: Self.now),
            try ProviderRequest.revocation(
                integration, endpoints: endpoints, token: "R", tokenTypeHint: "refresh_token", at: Self.now),
        ]
        let claims = try requests.map { request in
            let request = try #require(request)
            let assertion = try #require(fields(request)["client_assertion"])
            return try object(assertion.split(separator: ".")[1])["jti"] as? String
        }
        #expect(Set(claims).count == 4)
    }

    @Test(arguments: [
        ("ES256", TestKey.p384), ("ES384", TestKey.p256), ("RS256", TestKey.p256), ("EdDSA", TestKey.rsa),
        ("PS256", "secret"), ("ES256", ""),
    ])
    func `a key of another kind is refused with the configuration`(_ algorithm: String, _ key: String) throws
    {
        do throws(SettingsError) {
            let made = Result { try integration("{algorithm: \(algorithm)}", key: key) }
            if case .failure(let error as SettingsError) = made { throw error }
            Issue.record("accepted")
        } catch {
            #expect(error.description.contains("client_secret"))
            #expect(!error.description.contains("PRIVATE"))
        }
    }

    @Test func `S23 the private key is in no request`() throws {
        let line = TestKey.p256.split(separator: "\n")[1]
        let request = try exchange(integration("{algorithm: ES256}", key: TestKey.p256))
        #expect(!text(request.body).contains(line.prefix(16)))
        #expect(request.headers.allSatisfy { !$0.value.contains(line.prefix(16)) })
    }
}
