import Encodings
import Integrations
import OAuth
import StateTokens

/// A token endpoint's answer: the first octet chooses provider, status and media type.
struct TokenAnswerTarget: FuzzTarget {
    private static let mediaTypes = [
        "application/json", "application/x-www-form-urlencoded", nil, "text/html",
    ]

    private let integrations: [ConfiguredIntegration]

    init() throws {
        integrations = try Catalog().integrations.compactMap { integration in
            let endpoint = integration.hasConfiguredEndpoints ? "https://issuer.example/" : nil
            let settings = IntegrationSettings(
                clientID: "client", clientSecret: ClientSecret("secret"), authorizationEndpoint: endpoint,
                tokenEndpoint: endpoint)
            return try? ConfiguredIntegration(integration, settings: settings)
        }
        expect(integrations.count > 5, "the catalog has no integrations to configure")
    }

    mutating func read(_ input: [UInt8]) throws -> Count {
        guard let choice = input.first.map(Int.init) else { return .refused }
        let body = Array(input.dropFirst())
        let integration = integrations[choice % integrations.count]
        let answer: TokenResponse
        do throws(TokenError) {
            answer = try TokenResponse.parse(
                status: [200, 200, 400, 201][choice / 64], contentType: Self.mediaTypes[choice / 16 % 4],
                body: body, integration: integration, requestedScopes: ["read"])
        } catch {
            if case .rejected(let code, let description) = error {
                // Both are logged and shown.
                expect((1...64).contains(code.utf8.count), code)
                expect((code + (description ?? "")).utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f })
            }
            return .refused
        }
        expect(!answer.accessToken.isEmpty)
        expect(answer.scopes.count <= TokenResponseLimits.scopeCount)
        for seconds in [Int64.min, 0, .max] {
            _ = answer.lifetime.expiry(receivedAt: Timestamp(secondsSinceEpoch: seconds))
            _ = answer.refreshTokenLifetime.expiry(receivedAt: Timestamp(secondsSinceEpoch: seconds))
        }
        expect(
            !"\(answer)".contains(answer.accessToken) || "(token response)".contains(answer.accessToken))
        let again = try JSONValue.parse(answer.raw.bytes, depthLimit: 32)
        expect(again == answer.raw, "an answer that reads differently when it is written again")
        return .accepted
    }
}
