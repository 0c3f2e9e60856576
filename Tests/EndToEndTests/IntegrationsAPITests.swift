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
        let list = try await server.send(.GET, "/api/v1/integrations?limit=1000")
        #expect(list.status == 200)
        let data = try #require(try object(list)["data"] as? [[String: Any]])
        #expect(data.count > 250)
        #expect(!list.body.contains("canary"), "S23")
        for entry in data {
            let id = try #require(entry["id"] as? String)
            // A host that the caller names has a redirect URI of its own, which the client's id is needed for.
            let kinds = (entry["params"] as? [[String: Any]])?.compactMap { $0["kind"] as? String } ?? []
            let namesHost = kinds.contains("host") || kinds.contains("url")
            #expect(entry["redirect_uri"] as? String == (namesHost ? nil : server.callbackURL(id)), "\(id)")
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
        #expect(shopify["api_base_url"] as? String == "https://{shop}.myshopify.com")
        let gmail = try #require(data.first { $0["id"] as? String == "gmail" })
        let scopes = try #require(gmail["known_scopes"] as? [[String: String]])
        #expect(
            scopes.contains {
                $0["scope"] == "https://www.googleapis.com/auth/gmail.send" && $0["allows"]?.isEmpty == false
            })
        let zendesk = try #require(data.first { $0["id"] as? String == "zendesk" })
        #expect(zendesk["assumed_token_lifetime"] as? Int == 1_800)
        #expect(zendesk["refresh_token_lifetime"] as? Int == 2_592_000)
        #expect(zendesk["refresh_token_idle_lifetime"] is NSNull)
        #expect(zendesk["refresh_keeps_access_token"] as? Bool == false)
        #expect(gmail["refresh_keeps_access_token"] is NSNull)
        let notion = try #require(data.first { $0["id"] as? String == "notion" })
        #expect(notion["configured"] as? Bool == false && notion["scopes"] as? String == "none")
        #expect(try await server.send(.GET, "/api/v1/integrations/nowhere").status == 404)
        await server.stop()
    }

    private func ids(_ query: String, of server: SymbolonServer) async throws -> [String] {
        let answer = try await server.send(.GET, "/api/v1/integrations?\(query)")
        return (try object(answer)["data"] as? [[String: Any]])?.compactMap { $0["id"] as? String } ?? []
    }

    @Test func `the list is searched, and its pages follow one another`() async throws {
        let server = try await SymbolonServer.start(environment: Self.shop)
        #expect(try await ids("search=SHOPIFY", of: server) == ["shopify"])
        #expect(try await ids("search=calendar%20google", of: server) == ["google-calendar"])
        #expect(try await ids("search=nothing-has-this-name", of: server) == [])
        #expect(Set(try await ids("connectable=true", of: server)) == ["sandbox", "shopify"])
        #expect(!(try await ids("connectable=false", of: server)).contains("shopify"))
        var found: [String] = []
        var cursor = ""
        repeat {
            let answer = try await server.send(.GET, "/api/v1/integrations?limit=3&search=google\(cursor)")
            let page = try #require(try object(answer)["data"] as? [[String: Any]])
            #expect(!page.isEmpty && page.count <= 3)
            found += page.compactMap { $0["id"] as? String }
            cursor = (try object(answer)["next_cursor"] as? String).map { "&cursor=\($0)" } ?? ""
        } while !cursor.isEmpty
        #expect(try await found == ids("search=google", of: server))
        for query in ["category=birds", "connectable=maybe", "limit=0", "cursor=nowhere"] {
            #expect(try await server.send(.GET, "/api/v1/integrations?\(query)").status == 422, "\(query)")
        }
        await server.stop()
    }

    @Test func `a caller chooses what the entry lets it, on either path alike`() async throws {
        let server = try await SymbolonServer.start(environment: [
            "SYMBOLON_INTEGRATIONS_GMAIL_CLIENT_ID": "client",
            "SYMBOLON_INTEGRATIONS_GMAIL_CLIENT_SECRET": "secret",
        ])
        let key = try server.apiKey()
        func send(_ parameters: String) async throws -> Answer {
            try await server.send(
                .POST, "/api/v1/oauth/initiate",
                json: #"{"integration_id": "gmail", "authorization_params": \#(parameters)}"#, key: key)
        }
        let answer = try await send(#"{"login_hint": "a@example.com", "prompt": ""}"#)
        #expect(answer.status == 200)
        let url = try #require(try object(answer)["auth_url"] as? String)
        #expect(url.contains("&login_hint=a%40example.com"))
        #expect(!url.contains("prompt="), "one without a value is left out")
        let state = try #require(try object(answer)["state"] as? String)
        #expect(state.utf8.count <= 250, "it is not carried")
        for (parameters, place, type) in [
            (#"{"access_type": "online"}"#, "access_type", "extra_forbidden"),
            (#"{"redirect_uri": "https://evil.example"}"#, "redirect_uri", "extra_forbidden"),
            (#"{"state": "x"}"#, "state", "extra_forbidden"), (#"{"": ""}"#, "", "extra_forbidden"),
            (#"{"login_hint": "\#(String(repeating: "a", count: 513))"}"#, "login_hint", "string_too_long"),
            (#"{"login_hint": 1}"#, "login_hint", "string_type"),
        ] {
            let answer = try await send(parameters)
            #expect(answer.status == 422, "\(parameters)")
            let issue = try #require((try object(answer)["detail"] as? [[String: Any]])?.first)
            #expect(issue["loc"] as? [String] == ["body", "authorization_params", place])
            #expect(issue["type"] as? String == type)
            #expect(!answer.body.contains("evil"))
        }
        #expect(try await send("[]").status == 422)
        #expect(try await send("null").status == 200)
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
