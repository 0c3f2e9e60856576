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
        struct SharedKey: Decodable {
            let secret: String
            let accepted: [String: String]
            let refused: [String: String]
            let underEmptySecret: [String: String]
            let refusedClaims: [String: String]
        }

        let access_token: String
        let sharedKey: SharedKey
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
        IDTokenVerifier(logger: LogRecorder().logger) { url, _ in
            guard !isAway, url == Self.keySetURL else { throw POSIXError(.ECONNREFUSED) }
            return KeySetDocument(octets: keyOctets)
        }
    }

    /// The client that the tokens are for, at an issuer that says this of itself.
    private func integration(
        algorithms: [String] = ["RS256", "ES256", "ES384", "ES512", "EdDSA"],
        keySetURL: String? = Self.keySetURL, secret: String = "secret", authentication: String? = nil
    ) throws -> ConfiguredIntegration {
        var files: [CatalogFile] = []
        if let authentication {
            let text = """
                integrations:
                  acme:
                    label: Acme
                    documentation: https://example.com/docs
                    configured_endpoints: true
                    pkce: supported
                    token: {authentication: \(authentication)}
                    account: {id: claims.sub}
                """
            files.append(CatalogFile(name: "test.yaml", text: text))
        }
        let catalog = try Catalog(files: files)
        let id = authentication == nil ? "generic" : "acme"
        let generic = try #require(catalog.integrations.first { $0.id == id })
        let configured = try ConfiguredIntegration(
            generic,
            settings: IntegrationSettings(
                clientID: vectors.audience, clientSecret: ClientSecret(secret), issuer: vectors.issuer))
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
    ) async throws -> ExchangeError? {
        var answer: [String: Any] = ["access_token": vectors.access_token, "token_type": "Bearer"]
        answer["id_token"] = idToken
        let response = try TokenResponse.parse(
            status: 200, contentType: "application/json",
            body: Array(try JSONSerialization.data(withJSONObject: answer)), integration: integration,
            requestedScopes: ["openid"])
        return await verifier(isAway: isAway).error(in: response, for: integration, at: now)
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

    @Test func `an issuer that publishes no keys is left to TLS`() async throws {
        #expect(try await fault("x.y.z", integration(keySetURL: nil)) == nil)
        #expect(try await fault("x.y.z", integration(algorithms: ["ES256K"])) == nil)
        #expect(try await fault(nil, integration()) == nil)
    }

    // MARK: Under the client's secret (§3.1.3.7 items 6 to 8)

    private static let sharedKeyAlgorithms = ["RS256", "HS256", "HS384", "HS512"]

    @Test(arguments: [keySetURL, nil])
    func `a token under the client's secret is accepted, with or without a key set`(
        _ keySetURL: String?
    ) async throws {
        let integration = try integration(
            algorithms: Self.sharedKeyAlgorithms, keySetURL: keySetURL, secret: vectors.sharedKey.secret)
        for (name, token) in vectors.sharedKey.accepted {
            #expect(try await fault(token, integration) == nil, "\(name)")
        }
        #expect(vectors.sharedKey.accepted.count >= 7)
    }

    @Test
    func `S27 a token that is not under the client's secret is refused, whatever key of the set it is under`()
        async throws
    {
        let algorithms = Self.sharedKeyAlgorithms
        let integration = try integration(algorithms: algorithms, secret: vectors.sharedKey.secret)
        for (name, token) in vectors.sharedKey.refused {
            #expect(try await fault(token, integration)?.reason == "id_token_refused", "\(name)")
        }
        for (name, token) in vectors.sharedKey.refusedClaims {
            #expect(try await fault(token, integration)?.reason == "id_token_refused", "\(name)")
        }
        let other = try self.integration(algorithms: algorithms, secret: vectors.sharedKey.secret + "x")
        for (name, token) in vectors.sharedKey.accepted {
            #expect(try await fault(token, other)?.detail == "bad_signature", "\(name)")
        }
        let unnamed = try self.integration(algorithms: ["RS256"], secret: vectors.sharedKey.secret)
        for (name, token) in vectors.sharedKey.accepted {
            #expect(try await fault(token, unnamed)?.detail == "algorithm_not_allowed", "\(name)")
        }
    }

    @Test func `S27 neither an empty secret nor a public client's is a key`() async throws {
        let algorithms = Self.sharedKeyAlgorithms
        let empty = try integration(algorithms: algorithms, secret: "", authentication: "none")
        for (name, token) in vectors.sharedKey.underEmptySecret {
            #expect(try await fault(token, empty)?.detail == "algorithm_not_allowed", "\(name)")
        }
        let open = try integration(
            algorithms: algorithms, secret: vectors.sharedKey.secret, authentication: "none")
        for (name, token) in vectors.sharedKey.accepted {
            #expect(try await fault(token, open)?.detail == "algorithm_not_allowed", "\(name)")
        }
    }

    // MARK: Refresh (§12.2)

    /// A token as a payload alone: what is compared with it was checked when it was stored.
    private func stored(_ changes: [String: Any] = [:]) throws -> String {
        var claims: [String: Any] = ["iss": vectors.issuer, "sub": "user-1", "aud": vectors.audience]
        claims.merge(changes) { _, new in new }
        let payload = try JSONSerialization.data(withJSONObject: claims).base64EncodedString()
            .replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
        return "e30.\(payload).AA"
    }

    private func refreshed(
        _ idToken: String?, before: String?, _ integration: ConfiguredIntegration, isAway: Bool = false
    ) async throws -> RefreshedIDToken {
        var answer: [String: Any] = ["access_token": vectors.access_token, "token_type": "Bearer"]
        answer["id_token"] = idToken
        let response = try TokenResponse.parse(
            status: 200, contentType: "application/json",
            body: Array(try JSONSerialization.data(withJSONObject: answer)), integration: integration,
            requestedScopes: ["openid"])
        return await verifier(isAway: isAway).refreshed(response, before: before, for: integration, at: now)
    }

    @Test func `a refresh's ID token of the same issuer, user and client is good`() async throws {
        let integration = try integration()
        let token = try #require(vectors.id_tokens.accepted["azp"])
        #expect(try await refreshed(token, before: stored(), integration) == .good)
        #expect(try await refreshed(token, before: nil, integration) == .good)
        #expect(try await refreshed(nil, before: stored(), integration) == .good)
        #expect(try await refreshed(token, before: stored(["nonce": "n"]), integration) == .good)
        #expect(try await refreshed(token, before: "unreadable", integration) == .good)
    }

    @Test(arguments: [
        ["iss": "https://attacker.example.com"], ["sub": "user-2"], ["sub": ""],
        ["iss": "https://issuer.example.com/"],
    ])
    func `a refresh's ID token of another issuer or user means another grant`(
        _ before: [String: String]
    ) async throws {
        let token = try #require(vectors.id_tokens.accepted["azp"])
        // Without the issuer's keys, too: it came over TLS.
        for integration in [try integration(), try integration(keySetURL: nil)] {
            let judged = try await refreshed(token, before: stored(before), integration)
            guard case .another(let fault) = judged else {
                Issue.record("\(judged)")
                continue
            }
            #expect(fault.reason == "id_token_refused" && fault.detail?.hasPrefix("another_") == true)
        }
    }

    @Test func `a refresh's ID token that does not hold is dropped, and the tokens beside it are not`()
        async throws
    {
        let integration = try integration()
        for name in ["expired", "no sub", "another access token's at_hash", "unsigned"] {
            let token = try #require(vectors.id_tokens.refused[name])
            let judged = try await refreshed(token, before: nil, integration)
            guard case .dropped = judged else {
                Issue.record("\(name): \(judged)")
                continue
            }
        }
        let token = try #require(vectors.id_tokens.accepted["azp"])
        let away = try await refreshed(token, before: stored(), integration, isAway: true)
        #expect(away == .dropped(.idTokenKeysUnavailable))
        let garbage = try await refreshed("x.y.z", before: stored(), integration)
        #expect(garbage == .dropped(.idTokenRejected(detail: "malformed")))
    }
}
