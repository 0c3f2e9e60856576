import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// A token response with two grants, through the running program.
@Suite("Two grants in one response", .timeLimit(.minutes(1))) struct SecondGrantTests {
    private struct Token: Decodable {
        let access_token: String
        let token_type: String
        let expires_at: String?
        let scope: String?
        let scopes_missing: [String]
    }

    private struct Shown: Decodable {
        struct Credentials: Decodable {
            struct Second: Decodable {
                let access_token: String
                let refresh_token: String?
            }
            let access_token: String
            let refresh_token: String?
            let second_grant: Second?
        }
        let id: String
        let status: String
        let credentials: Credentials?
    }

    private static let both = """
        {"access_token": "bot-1", "token_type": "bot", "refresh_token": "bot-refresh", "expires_in": 3600, \
        "scope": "chat", "user": {"access_token": "user-1", "token_type": "user", "scope": "search", \
        "refresh_token": "user-refresh", "expires_in": 7200}}
        """

    @Test func `each has its token, its refresh and its end`() async throws {
        let provider = try await TokenServer.start()
        let folder = try TemporaryFolder()
        let catalog = try folder.write(
            """
            integrations:
              two:
                documentation: https://www.rfc-editor.org/rfc/rfc6749
                authorization_endpoint: \(provider.url)/authorize
                token_endpoint: \(provider.url)/token
                revocation_endpoint: \(provider.url)/revoke
                scope: {second_list: {parameter: user_scope, prefix: "user:"}}
                response: {second_grant: {access_token: user.access_token}}
                refresh: {mode: rotates}
            """, to: "catalog.yaml")
        let server = try await SymbolonServer.start(
            environment: [
                "SYMBOLON_CATALOG": catalog, "SYMBOLON_INTEGRATIONS_TWO_CLIENT_ID": "client",
                "SYMBOLON_INTEGRATIONS_TWO_CLIENT_SECRET": "secret-of-the-client",
            ], in: folder)
        let key = try server.apiKey()
        func get(_ path: String) async throws -> Answer { try await server.send(.GET, path, key: key) }

        let begun = try await server.send(
            .POST, "/api/v1/oauth/initiate",
            json: #"{"integration_id": "two", "scopes": ["chat", "user:search", "user:files"]}"#, key: key)
        struct Initiated: Decodable { let state: String }
        let state = try begun.decoded(as: Initiated.self).state
        provider.answer(Self.both)
        _ = try await server.send(.GET, "/api/v1/oauth/callback/two?code=code&state=\(state)")
        struct List: Decodable { let data: [Shown] }
        let id = try #require(try await get("/api/v1/connections").decoded(as: List.self).data.first).id
        let path = "/api/v1/connections/\(id)"

        let bot = try await get("\(path)/token").decoded(as: Token.self)
        #expect(bot.access_token == "bot-1" && bot.scope == "chat" && bot.scopes_missing.isEmpty)
        let user = try await get("\(path)/token?grant=user").decoded(as: Token.self)
        #expect(user.access_token == "user-1" && user.token_type == "user" && user.expires_at != nil)
        #expect(user.scope == "search" && user.scopes_missing == ["files"])
        for wrong in ["bot", "", "User", "user,bot", "first"] {
            let answer = try await get("\(path)/token?grant=\(wrong)")
            #expect(answer.status == 422 && answer.body.contains(#""enum""#), "\(wrong): \(answer.body)")
        }
        let shown = try await get("\(path)?include_credentials=true").decoded(as: Shown.self)
        #expect(shown.credentials?.second_grant?.refresh_token == "user-refresh")
        #expect(!(try await get(path).body.contains("user-1")))

        provider.answer(#"{"access_token": "user-2", "refresh_token": "user-refresh-2", "expires_in": 7200}"#)
        let refreshed = try await server.send(.POST, "/api/v1/oauth/refresh/\(id)?grant=user", key: key)
        #expect(refreshed.status == 200 && refreshed.body.contains("active"), "\(refreshed.body)")
        #expect(provider.forms.last?["refresh_token"] == "user-refresh")
        #expect(try await get("\(path)/token?grant=user").decoded(as: Token.self).access_token == "user-2")
        #expect(try await get("\(path)/token").decoded(as: Token.self).access_token == "bot-1")

        let gone = try await server.send(.DELETE, path, key: key)
        #expect(gone.status == 200, "\(gone.body)")
        #expect(provider.forms.suffix(2).map { $0["token"] } == ["user-refresh-2", "bot-refresh"])
        #expect(try await get("\(path)/token?grant=user").body.contains("connection_not_found"))

        // What was shown can be imported as it is.
        let held = """
            {"access_token": "bot-1", "token_type": "bot", "second_grant": {"access_token": "user-2", \
            "token_type": "user", "expires_at": null, "scope": "search", "refresh_token": "user-refresh-2"}}
            """
        func add(_ held: String) async throws -> Answer {
            try await server.send(
                .POST, "/api/v1/connections", json: #"{"integration": "two", "credentials": \#(held)}"#,
                key: key)
        }
        let made = try await add(held)
        #expect(made.status == 201, "\(made.body)")
        let other = "/api/v1/connections/\(try made.decoded(as: Shown.self).id)"
        #expect(try await get("\(other)/token?grant=user").decoded(as: Token.self).access_token == "user-2")
        for wrong in [#""x""#, "[]", "{}", #"{"access_token": 7}"#, #"{"access_token": ""}"#] {
            let answer = try await add(#"{"access_token": "bot-1", "second_grant": \#(wrong)}"#)
            #expect(answer.status == 422 && answer.body.contains(#""second_grant""#), "\(answer.body)")
        }
        await server.stop()
    }

    @Test func `a connection with one grant has no second`() async throws {
        let server = try await SymbolonServer.start()
        struct Made: Decodable { let id: String }
        let made = try await server.send(
            .POST, "/api/v1/connections",
            json: #"{"integration": "sandbox", "credentials": {"access_token": "held"}}"#,
            key: server.apiKey())
        let id = try made.decoded(as: Made.self).id
        let answer = try await server.send(
            .GET, "/api/v1/connections/\(id)/token?grant=user", key: server.apiKey())
        #expect(answer.status == 404 && answer.body.contains("grant_not_found"), "\(answer.body)")
        let shown = try await server.send(
            .GET, "/api/v1/connections/\(id)?include_credentials=true", key: server.apiKey())
        #expect(shown.status == 200 && !shown.body.contains("second_grant"))
        await server.stop()
    }
}
