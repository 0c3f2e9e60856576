import Access
import Foundation
import Integrations
import Logging
import OAuth
import StateTokens
import Testing

@testable import ConnectService

/// ID tokens that joserfc made: `JSONWebTokensTests/Vectors/tokens.py`.
@Suite("IDTokenVerifier") struct IDTokenVerifierTests {
    private struct Vectors: Decodable {
        struct IDTokens: Decodable {
            let accepted: [String: String]
            let refused: [String: String]
        }

        let now: Int64
        let issuer: String
        let audience: String
        let access_token: String
        let id_tokens: IDTokens
        let refused: [String: [String: String]]
    }

    private static let keySetURL = "https://issuer.example.com/keys"

    private let vectors: Vectors
    private let keyOctets: [UInt8]
    private let now: Timestamp

    init() throws {
        let place = URL(filePath: #filePath).appending(path: "../../JSONWebTokensTests/Vectors/tokens.json")
        let data = try Data(contentsOf: place.standardizedFileURL)
        vectors = try JSONDecoder().decode(Vectors.self, from: data)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        keyOctets = Array(try JSONSerialization.data(withJSONObject: try #require(object["keys"])))
        now = Timestamp(secondsSinceEpoch: vectors.now)
    }

    private func verifier(isAway: Bool = false) -> IDTokenVerifier {
        IDTokenVerifier(logger: LogRecorder().logger) { url in
            guard !isAway, url == Self.keySetURL else { throw POSIXError(.ECONNREFUSED) }
            return keyOctets
        }
    }

    /// The client that the tokens are for, at an issuer that says this of itself.
    private func integration(
        algorithms: [String] = ["RS256", "ES256", "ES384", "ES512", "EdDSA"],
        keySetURL: String? = Self.keySetURL
    ) throws -> ConfiguredIntegration {
        let catalog = try Catalog(files: [])
        let generic = try #require(catalog.integrations.first { $0.id == "generic" })
        let configured = try ConfiguredIntegration(
            generic,
            settings: IntegrationSettings(
                clientID: vectors.audience, clientSecret: ClientSecret("secret"), issuer: vectors.issuer))
        var document: [String: Any] = [
            "issuer": vectors.issuer, "authorization_endpoint": "\(vectors.issuer)/authorize",
            "token_endpoint": "\(vectors.issuer)/token",
            "id_token_signing_alg_values_supported": algorithms,
        ]
        document["jwks_uri"] = keySetURL
        let octets = Array(try JSONSerialization.data(withJSONObject: document))
        return try configured.discovered(with: try DiscoveryDocument.parse(octets))
    }

    private func fault(
        _ idToken: String?, _ integration: ConfiguredIntegration, isAway: Bool = false
    ) async throws -> ExchangeFault? {
        var answer: [String: Any] = ["access_token": vectors.access_token, "token_type": "Bearer"]
        answer["id_token"] = idToken
        let response = try TokenResponse.parse(
            status: 200, contentType: "application/json",
            body: Array(try JSONSerialization.data(withJSONObject: answer)), integration: integration,
            requestedScopes: ["openid"])
        return await verifier(isAway: isAway).fault(in: response, for: integration, at: now)
    }

    @Test func `a token that holds is accepted`() async throws {
        let integration = try integration()
        for (name, token) in vectors.id_tokens.accepted {
            #expect(try await fault(token, integration) == nil, "\(name)")
        }
    }

    @Test func `a token that does not hold ends the flow`() async throws {
        let integration = try integration()
        for (name, token) in vectors.id_tokens.refused {
            #expect(try await fault(token, integration)?.reason == "id_token_refused", "\(name)")
        }
        for (reason, tokens) in vectors.refused {
            for (name, token) in tokens where !token.isEmpty {
                #expect(
                    try await fault(token, integration)?.reason == "id_token_refused", "\(reason): \(name)")
            }
        }
    }

    @Test func `an algorithm that the issuer does not name is refused`() async throws {
        let token = try #require(vectors.id_tokens.accepted["at_hash under ES256"])
        #expect(try await fault(token, integration(algorithms: ["RS256"]))?.detail == "algorithm_not_allowed")
    }

    @Test func `without the issuer's keys no token is believed`() async throws {
        let token = try #require(vectors.id_tokens.accepted["azp"])
        let fault = try await fault(token, integration(), isAway: true)
        #expect(fault?.reason == "id_token_keys_unavailable")
    }

    @Test func `an issuer that publishes no keys, or signs with the secret, is left to TLS`() async throws {
        #expect(try await fault("x.y.z", integration(keySetURL: nil)) == nil)
        #expect(try await fault("x.y.z", integration(algorithms: ["HS256"])) == nil)
        #expect(try await fault(nil, integration()) == nil)
    }
}
