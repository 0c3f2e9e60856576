import Encodings
import Foundation
import Integrations
import OAuth
import StateTokens
import Testing

@Suite("A client secret that is signed") struct SignedClientSecretTests {
    private let now = Timestamp(secondsSinceEpoch: 1_800_000_000)

    private func configuredApple() throws -> ConfiguredIntegration {
        let settings = IntegrationSettings(
            clientID: "client", clientSecret: ClientSecret(TestKey.p256), keyID: "ABC123DEFG",
            keyIssuer: "DEF123GHIJ")
        return try ConfiguredIntegration(try #require(try Catalog()["apple"]), settings: settings)
    }

    private func secret() throws -> String {
        let apple = try configuredApple()
        let request = try ProviderRequest.exchange(
            apple, endpoints: apple.endpoints(), code: "C", redirectURI: "https://a.example/cb",
            codeVerifier: nil, at: now)
        let field = text(request.body).split(separator: "&").first { $0.hasPrefix("client_secret=") }
        return String(try #require(field).dropFirst(14))
    }

    private func object(_ part: Substring) throws -> [String: Any] {
        let octets = try #require(Base64URL.decode(String(part)))
        return try #require(try JSONSerialization.jsonObject(with: Data(octets)) as? [String: Any])
    }

    @Test func `it says who signs for whom, and until when`() throws {
        let parts = try secret().split(separator: ".")
        try #require(parts.count == 3)
        let header = try object(parts[0])
        #expect(header.count == 2)
        #expect(header["alg"] as? String == "ES256" && header["kid"] as? String == "ABC123DEFG")
        let claims = try object(parts[1])
        #expect(claims.count == 5)
        #expect(claims["iss"] as? String == "DEF123GHIJ" && claims["sub"] as? String == "client")
        #expect(claims["aud"] as? String == "https://appleid.apple.com")
        #expect(claims["iat"] as? Int == 1_800_000_000 && claims["exp"] as? Int == 1_800_000_300)
        #expect(Base64URL.decode(String(parts[2]))?.count == 64)
    }

    @Test func `refreshes and revocations are signed, too`() throws {
        let apple = try configuredApple()
        let endpoints = try apple.endpoints()
        let refresh = try ProviderRequest.refresh(apple, endpoints: endpoints, refreshToken: "R")
        let revocation = try ProviderRequest.revocation(
            apple, endpoints: endpoints, token: "R", tokenTypeHint: "refresh_token")
        for request in [refresh, revocation] {
            #expect(text(try #require(request).body).contains("client_secret=ey"))
        }
    }

    @Test func `S23 the private key is in no request`() throws {
        let line = TestKey.p256.split(separator: "\n")[1]
        #expect(try !secret().contains(line.prefix(16)))
    }

    @Test(arguments: [
        "secret", "", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
        """
        -----BEGIN PUBLIC KEY-----
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEkwEPftuC72+9ES5hAWSyWKJ/h+Xf
        SHWMopTZAKI6Yvh57qnSXUReosC5TF+3rNKXRUnacRAZuknSLAU8yyCZnQ==
        -----END PUBLIC KEY-----
        """,
        // On P-384.
        """
        -----BEGIN PRIVATE KEY-----
        MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDDDIJLQDobJC3xygCEy
        /QVOpX1LJhNfAG2Mg6tND7LqkkW5uF0QqZOyis8iV4xgkAihZANiAATE5BlpIBBe
        T+v8Q3mG7I7+ht3+hgGrjjI7G1nyl4myQFG17KP08FOhK7+w3qp9//IzQ0r0wRVP
        PcZgEJEjc8OXv4Z3X8nkCKwcH0reeyC/wlhkZhHLDHkqYoRTsRRf0Nc=
        -----END PRIVATE KEY-----
        """,
    ]) func `what is no private key on P-256 is refused with the configuration`(_ key: String) throws {
        let apple = try #require(try Catalog()["apple"])
        let settings = IntegrationSettings(
            clientID: "client", clientSecret: ClientSecret(key), keyID: "K", keyIssuer: "I")
        do throws(SettingsError) {
            _ = try ConfiguredIntegration(apple, settings: settings)
            Issue.record("accepted")
        } catch {
            #expect(!error.description.contains("AAAA") && error.description.contains("client_secret"))
        }
    }

    @Test func `the key's name and issuer are needed`() throws {
        let apple = try #require(try Catalog()["apple"])
        let settings = IntegrationSettings(clientID: "client", clientSecret: ClientSecret(TestKey.p256))
        do throws(SettingsError) {
            _ = try ConfiguredIntegration(apple, settings: settings)
            Issue.record("accepted")
        } catch {
            #expect(error.missing == ["integrations.apple.key_id", "integrations.apple.key_issuer"])
        }
    }
}
