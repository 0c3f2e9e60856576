import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// `/api/v1/integrations`, and the template parameters that it describes.
@Suite("The integrations of the API", .timeLimit(.minutes(2))) struct IntegrationsAPITests {
    private static let shop = [
        "SYMBOLON_INTEGRATIONS_SHOPIFY_CLIENT_ID": "client",
        "SYMBOLON_INTEGRATIONS_SHOPIFY_CLIENT_SECRET": "canary-secret",
    ]

    private func object(_ answer: Answer) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])
    }

    @Test func `an integration says what to register, what to set, and which parameters it takes`()
        async throws
    {
        let server = try await SymbolonServer.start(environment: Self.shop)
        let list = try await server.send(.GET, "/api/v1/integrations")
        #expect(list.status == 200)
        let data = try #require(try object(list)["data"] as? [[String: Any]])
        #expect(data.count == 77)
        #expect(!list.body.contains("canary"), "S23")
        for entry in data {
            let id = try #require(entry["id"] as? String)
            #expect(entry["redirect_uri"] as? String == server.callbackURL(id))
            #expect((entry["documentation"] as? String)?.hasPrefix("http") == true)
            let one = try await server.send(.GET, "/api/v1/integrations/\(id)")
            #expect(try object(one) as NSDictionary == entry as NSDictionary)
        }
        let shopify = try #require(data.first { $0["id"] as? String == "shopify" })
        #expect(
            shopify["configured"] as? Bool == true
                && (shopify["missing_settings"] as? [String])?.isEmpty == true)
        let parameter = try #require((shopify["params"] as? [[String: Any]])?.first)
        #expect(parameter["label"] as? String == "Shop" && parameter["required"] as? Bool == true)
        #expect(parameter["pattern"] as? String == "[A-Za-z0-9][A-Za-z0-9-]*")
        let notion = try #require(data.first { $0["id"] as? String == "notion" })
        #expect(notion["configured"] as? Bool == false && notion["scopes"] as? String == "none")
        #expect(try await server.send(.GET, "/api/v1/integrations/nowhere").status == 404)
        await server.stop()
    }

    @Test func `S19 a parameter that would move the host is a 422 at params`() async throws {
        let server = try await SymbolonServer.start(environment: Self.shop)
        let key = try server.apiKey()
        for shop in [
            "attacker.example/", "a.b", "a@b", "a%2e", "a\u{3002}b", "a\u{FF0E}b", "acme#", "acme?x", "",
            "a:1",
        ] {
            let body = try JSONSerialization.data(withJSONObject: [
                "integration_id": "shopify", "params": ["shop": shop],
            ])
            let answer = try await server.send(
                .POST, "/api/v1/oauth/initiate", json: String(decoding: body, as: UTF8.self), key: key)
            #expect(answer.status == 422, "\(shop)")
            let issue = try #require((try object(answer)["detail"] as? [[String: Any]])?.first)
            #expect(issue["type"] as? String == "invalid_params", "\(shop)")
            #expect((issue["loc"] as? [String])?.contains("params") == true)
            #expect(!answer.body.contains("attacker"))
        }
        let good = try await server.send(
            .POST, "/api/v1/oauth/initiate",
            json: #"{"integration_id": "shopify", "params": {"shop": "acme"}}"#, key: key)
        #expect(good.status == 200)
        #expect(
            (try object(good)["auth_url"] as? String)?.hasPrefix(
                "https://acme.myshopify.com/admin/oauth/authorize?")
                == true)
        await server.stop()
    }
}
