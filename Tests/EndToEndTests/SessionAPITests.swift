import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// Connect sessions, as an app's server makes them and a browser uses them.
@Suite("Connect sessions from end to end", .timeLimit(.minutes(2))) struct SessionAPITests {
    private static let origin = "https://app.example.com"
    private static let path = "/api/v1/connect/sessions"

    private struct Created: Decodable {
        let token: String
        let connect_url: String
        let expires_at: String
    }

    private struct Entry: Decodable { let id: String }

    /// A production deployment with one key, which may do everything.
    private struct Site {
        let folder: TemporaryFolder
        let server: SymbolonServer
        let key: String
        let keyID: String

        static func start() async throws -> Site {
            let folder = try TemporaryFolder()
            let port = try LoopbackPort.free()
            try await ProductionSite.makeKeyrings(in: folder)
            let key = try await ProductionSite.makeKey(
                ["initiate", "read", "credentials", "admin"], in: folder)
            try folder.write(
                """
                workspaces:
                  wsp_1:
                    redirect_uris: [https://app.example.com/done]
                    origins: [https://app.example.com, https://admin.example.com]
                  wsp_2:
                    redirect_uris: [https://app.example.com/done]
                    origins: [https://other.example.com]
                """, to: "workspaces.yaml")
            try ProductionSite.writeSettings(
                """
                integrations:
                  gmail: {client_id: client.apps.googleusercontent.com, client_secret: a-secret-for-tests}
                  slack: {client_id: client, client_secret: a-secret-for-tests}
                """, port: port, in: folder)
            return Site(
                folder: folder, server: try await serve(folder, port),
                key: key.text, keyID: key.id)
        }

        static func serve(_ folder: TemporaryFolder, _ port: Int) async throws -> SymbolonServer {
            try await SymbolonServer.start(["--config", "symbolon.yaml"], in: folder, port: port)
        }

        func create(_ members: String = "", at other: SymbolonServer? = nil) async throws -> String {
            let answer = try await (other ?? server).send(
                .POST, SessionAPITests.path, json: #"{"user_id": "user_1"\#(members)}"#, key: key)
            try #require(answer.status == 200, "\(answer.body)")
            return try answer.decoded(as: Created.self).token
        }
    }

    private func code(_ answer: Answer) -> String? {
        let object = try? JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
        return object?["error_code"] as? String
    }

    @Test func `S42 a session does what it was made for, and nothing else: over all routes`() async throws {
        let site = try await Site.start()
        let token = try await site.create(#", "integrations": ["gmail"]"#)
        let document = try await site.server.send(.GET, "/openapi.json")
        let object = try JSONSerialization.jsonObject(with: Data(document.body.utf8)) as? [String: Any]
        let paths = try #require(object?["paths"] as? [String: [String: [String: Any]]])
        // What a session that may read, and not disconnect, is answered where it is taken.
        let taken: [String: Int] = [
            "post /api/v1/oauth/initiate": 200, "get /api/v1/integrations": 200,
            "get /api/v1/integrations/{id}": 200, "get /api/v1/connections": 200,
            "get /api/v1/connections/{id}": 404,
        ]
        var refused = 0
        for (path, operations) in paths {
            for (verb, operation) in operations {
                // A route without a credential asks nobody who they are.
                guard (operation["security"] as? [Any])?.isEmpty == false else { continue }
                let id = path.contains("integrations") ? "gmail" : "conn_AAAAAAAAAAAAAAAAAAAAAA"
                let target = path.replacing(/\{[a-z_]+\}/, with: id)
                let method = HTTPMethod(rawValue: verb.uppercased())
                let body = method == .GET ? nil : #"{"integration_id": "gmail", "user_id": "user_1"}"#
                let answer = try await site.server.send(
                    method, target, json: body, key: token, headers: ["X-Workspace-Id": "wsp_2"])
                if let status = taken["\(verb) \(path)"] {
                    #expect(answer.status == status, "\(verb) \(path): \(answer.body)")
                } else {
                    #expect(answer.status == 403, "\(verb) \(path): \(answer.body)")
                    #expect(code(answer) == "session_forbids", "\(verb) \(path)")
                    refused += 1
                }
            }
        }
        #expect(refused >= 9)
        let credentials = try await site.server.send(
            .GET, "/api/v1/connections/conn_AAAAAAAAAAAAAAAAAAAAAA?include_credentials=true", key: token)
        #expect(credentials.status == 403 && code(credentials) == "session_forbids")
        let other = try await site.server.send(.GET, "/api/v1/integrations/slack", key: token)
        #expect(other.status == 403 && code(other) == "session_forbids")
        let list = try await site.server.send(.GET, "/api/v1/integrations", key: token)
        #expect(list.body.contains(#""id":"gmail""#) && !list.body.contains(#""id":"slack""#))
        let beyond = try await site.server.send(
            .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "slack"}"#, key: token)
        #expect(beyond.status == 403 && code(beyond) == "session_forbids")
        await site.server.stop()
    }

    @Test func `S42 CORS answers a session's origins exactly, and no other credential`() async throws {
        let site = try await Site.start()
        let token = try await site.create(#", "origins": ["https://app.example.com"]"#)
        let list = "/api/v1/integrations?limit=1"
        func allowed(_ answer: Answer) -> [String] {
            #expect(answer.headers["access-control-allow-credentials"].isEmpty)
            #expect(answer.headers["vary"].contains("Origin"))
            return answer.headers["access-control-allow-origin"]
        }
        func get(_ origin: String, _ key: String?, _ path: String = list) async throws -> Answer {
            try await site.server.send(.GET, path, key: key, headers: ["Origin": origin])
        }
        let good = try await get(Self.origin, token)
        #expect(good.status == 200 && allowed(good) == [Self.origin])
        let initiate = try await site.server.send(
            .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "gmail"}"#, key: token,
            headers: ["Origin": Self.origin])
        #expect(initiate.status == 200 && allowed(initiate) == [Self.origin])
        // Also where it is refused, so that the page can say why.
        let refused = try await get(Self.origin, token, "/metrics")
        #expect(refused.status == 403 && allowed(refused) == [Self.origin])
        // One that the workspace lists and the session does not, another workspace's, a stranger's.
        for origin in [
            "https://admin.example.com", "https://other.example.com", "https://evil.example", "null",
            "https://app.example.com.evil.example", "http://app.example.com",
        ] {
            let answer = try await get(origin, token)
            #expect(answer.status == 403 && code(answer) == "origin_not_allowed", "\(origin)")
            #expect(allowed(answer).isEmpty, "\(origin)")
        }
        let own = try await get(site.server.baseURL, token)
        #expect(own.status == 200 && allowed(own).isEmpty)
        for key in [site.key, "sym_wrong", nil] {
            #expect(try await allowed(get(Self.origin, key)).isEmpty)
        }
        let without = try await site.server.send(.GET, list, key: token)
        #expect(without.headers["access-control-allow-origin"].isEmpty)
        await site.server.stop()
    }

    @Test func `S42 a preflight is answered at a session's routes, for origins that a workspace lists`()
        async throws
    {
        let site = try await Site.start()
        func preflight(_ path: String, _ origin: String = Self.origin) async throws -> Answer {
            try await site.server.send(
                .OPTIONS, path,
                headers: [
                    "Origin": origin, "Access-Control-Request-Method": "POST",
                    "Access-Control-Request-Headers": "authorization,content-type",
                ])
        }
        for (path, methods) in [
            ("/api/v1/oauth/initiate", "POST"), ("/api/v1/integrations", "GET"),
            ("/api/v1/integrations/gmail", "GET"), ("/api/v1/connections?limit=1", "GET"),
            ("/api/v1/connections/conn_1", "GET, DELETE"),
        ] {
            let answer = try await preflight(path)
            #expect(answer.status == 204, "\(path)")
            #expect(answer.headers["access-control-allow-origin"] == [Self.origin], "\(path)")
            #expect(answer.headers["access-control-allow-methods"] == [methods], "\(path)")
            #expect(answer.headers["access-control-allow-headers"] == ["authorization, content-type"])
            #expect(answer.headers["vary"] == ["Origin"])
            #expect(answer.headers["access-control-allow-credentials"].isEmpty)
            let stranger = try await preflight(path, "https://evil.example")
            #expect(stranger.status == 403 && stranger.headers["access-control-allow-origin"].isEmpty)
        }
        for path in [
            Self.path, "/api/v1/oauth/complete", "/api/v1/connections/conn_1/token", "/metrics",
            "/api/v1/oauth/refresh/conn_1", "/api/v1/oauth/callback/gmail", "/healthz",
        ] {
            #expect(try await preflight(path).headers["access-control-allow-origin"].isEmpty, "\(path)")
        }
        await site.server.stop()
    }

    @Test func `S42 a session is kept nowhere, outlives its replica, and ends with its key`() async throws {
        let site = try await Site.start()
        func files() throws -> [String: Int] {
            var sizes: [String: Int] = [:]
            for name in try FileManager.default.contentsOfDirectory(atPath: site.folder.path)
            where !name.hasSuffix(".log") {
                let facts = try FileManager.default.attributesOfItem(atPath: "\(site.folder.path)/\(name)")
                sizes[name] = facts[.size] as? Int
            }
            return sizes
        }
        let before = try files()
        var token = ""
        for number in 0..<100 { token = try await site.create(#", "label": "\#(number)""#) }
        #expect(try files() == before)
        let audit = try #require(try await AuditLines(site.server.log).of("session").last)
        #expect(audit["outcome"] == "success" && audit["user_id"] == "user_1")
        #expect(audit["credential_id"] == site.keyID)
        #expect(try await !site.server.log.contains(token))
        await site.server.stop()

        let second = try await Site.serve(site.folder, site.server.port)
        #expect(try await second.send(.GET, "/api/v1/connections", key: token).status == 200)
        await second.stop()
        _ = try await ProductionSite.run(
            ["api-keys", "revoke", site.keyID, "--file", "api-keys.json"], in: site.folder)
        let third = try await Site.serve(site.folder, site.server.port)
        let ended = try await third.send(.GET, "/api/v1/connections", key: token)
        #expect(ended.status == 401 && code(ended) == "session_ended")
        await third.stop()
    }

    @Test func `what a session is asked for is checked when it is made`() async throws {
        let site = try await Site.start()
        func create(_ body: String, key: String? = nil) async throws -> Answer {
            try await site.server.send(.POST, Self.path, json: body, key: key ?? site.key)
        }
        let created: Created = try await create(
            #"{"user_id": "user_1", "user_label": "Ada", "redirect_uri": "https://app.example.com/done"}"#
        ).decoded()
        #expect(created.connect_url == "\(site.server.baseURL)/connect/wsp_1#\(created.token)")
        #expect(created.expires_at.hasSuffix("Z"))
        for (body, type) in [
            ("{}", "missing"),
            (#"{"user_id": "u", "origins": ["https://other.example.com"]}"#, "origin_not_allowed"),
            (#"{"user_id": "u", "integrations": ["nowhere"]}"#, "integration_not_found"),
            (#"{"user_id": "u", "redirect_uri": "https://evil.example/"}"#, "redirect_uri_not_allowed"),
            (#"{"user_id": "u", "lifetime": 3600}"#, "lifetime_too_long"),
        ] {
            let answer = try await create(body)
            #expect(answer.status == 422 && answer.body.contains("\"\(type)\""), "\(answer.body)")
        }
        let again = try await create(#"{"user_id": "user_1"}"#, key: created.token)
        #expect(again.status == 403 && code(again) == "session_forbids")
        for text in [created.token + "A", String(created.token.dropLast(4)), "A" + created.token] {
            let answer = try await site.server.send(.GET, "/api/v1/connections", key: text)
            #expect(answer.status == 401 && code(answer) == "invalid_credential")
        }
        // A state is no session.
        struct Initiated: Decodable { let state: String }
        let flow: Initiated = try await site.server.send(
            .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "gmail"}"#, key: created.token
        ).decoded()
        let state = try await site.server.send(.GET, "/api/v1/connections", key: flow.state)
        #expect(state.status == 401)
        await site.server.stop()
    }

    // MARK: Connections

    @Test func `a session's user is not asked for what the session has set`() async throws {
        let server = try await SymbolonServer.start(environment: [
            "SYMBOLON_INTEGRATIONS_SHOPIFY_CLIENT_ID": "client",
            "SYMBOLON_INTEGRATIONS_SHOPIFY_CLIENT_SECRET": "a-secret-for-tests",
        ])
        for (params, isAsked) in [("{}", true), (#"{"shop": "acme"}"#, false)] {
            let made = try await server.send(
                .POST, Self.path,
                json: #"{"user_id": "usr_1", "integrations": ["shopify"], "params": \#(params)}"#,
                key: server.apiKey())
            let token = try JSONDecoder().decode(Created.self, from: Data(made.body.utf8)).token
            for path in ["/api/v1/integrations", "/api/v1/integrations/shopify"] {
                let seen = try await server.send(.GET, path, key: token)
                #expect(seen.status == 200)
                #expect(seen.body.contains(#""params":[]"#) == !isAsked, "\(seen.body)")
            }
        }
        await server.stop()
    }

    /// Takes a user through the sandbox, and through our page where the flow asks there: the last page.
    private func connect(_ server: SymbolonServer, _ key: String) async throws -> Browser.Page {
        struct Initiated: Decodable { let auth_url: String }
        let flow: Initiated = try await server.send(
            .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "sandbox"}"#, key: key
        ).decoded()
        let browser = Browser()
        let page = try await browser.open(flow.auth_url)
        let form = try #require(page.forms.first)
        let button = try #require(form.buttons.first { $0.value == "allow" })
        let sent = try await browser.submit(form, on: page, pressing: button)
        return try await browser.open(try #require(sent.redirectTarget))
    }

    private func ids(_ server: SymbolonServer, _ key: String, _ query: String = "") async throws -> [String] {
        struct Page: Decodable { let data: [Entry] }
        let answer = try await server.send(.GET, "/api/v1/connections\(query)", key: key)
        return try answer.decoded(as: Page.self).data.map(\.id)
    }

    @Test func `a session sees its user's connection, and disconnects it where it may`() async throws {
        let site = try await Site.start()
        let made = try await site.server.send(
            .POST, "/api/v1/connections",
            json: #"{"integration": "slack", "user_id": "user_1", "credentials": {"access_token": "a"}}"#,
            key: site.key)
        let id = try made.decoded(as: Entry.self).id
        func send(_ method: HTTPMethod, _ token: String) async throws -> Answer {
            try await site.server.send(method, "/api/v1/connections/\(id)", key: token)
        }
        let reader = try await site.create("")
        #expect(try await send(.GET, reader).status == 200)
        #expect(try await ids(site.server, reader) == [id])
        let refused = try await send(.DELETE, reader)
        #expect(refused.status == 403 && code(refused) == "session_forbids")
        let other = try await site.create(#", "integrations": ["gmail"], "disconnect": true"#)
        #expect(try await send(.DELETE, other).status == 404)
        #expect(try await send(.GET, reader).status == 200)

        let token = try await site.create(#", "disconnect": true"#)
        #expect(try await send(.DELETE, token).status == 200)
        #expect(try await send(.GET, token).status == 404)
        #expect(try await ids(site.server, site.key).isEmpty)
        await site.server.stop()
    }

    @Test func `a page learns what its session allows before it offers anything`() async throws {
        let site = try await Site.start()
        struct List: Decodable {
            struct Limits: Decodable, Equatable {
                let read: Bool
                let disconnect: Bool
                let connection_id: String?
            }
            let data: [Entry]
            let session: Limits?
        }
        func list(_ token: String) async throws -> List {
            try await site.server.send(.GET, "/api/v1/integrations?connectable=true", key: token).decoded()
        }
        let id = "conn_AAAAAAAAAAAAAAAAAAAAAA"
        for (members, limits) in [
            ("", List.Limits(read: true, disconnect: false, connection_id: nil)),
            (#", "disconnect": true"#, List.Limits(read: true, disconnect: true, connection_id: nil)),
            (
                #", "integrations": ["slack"], "connection_id": "\#(id)""#,
                List.Limits(read: true, disconnect: false, connection_id: id)
            ),
        ] {
            #expect(try await list(site.create(members)).session == limits, "\(members)")
        }
        let plain = try await list(site.key)
        #expect(plain.session == nil && plain.data.map(\.id) == ["gmail", "slack"])
        await site.server.stop()

        // Where the app's server has to confirm, a session begins nothing.
        try site.folder.write(
            "workspaces: {wsp_1: {redirect_uris: [https://app.example.com/done], integrations: {slack: {confirm: required}}}}",
            to: "workspaces.yaml")
        let strict = try await Site.serve(site.folder, site.server.port)
        let token = try await site.create("", at: strict)
        let offered: List = try await strict.send(
            .GET, "/api/v1/integrations?connectable=true", key: token
        ).decoded()
        #expect(offered.data.map(\.id) == ["gmail"])
        let shown = try await strict.send(.GET, "/api/v1/integrations/slack", key: token)
        #expect(shown.body.contains(#""connectable":false"#))
        let forApp = try await strict.send(.GET, "/api/v1/integrations/slack", key: site.key)
        #expect(forApp.body.contains(#""connectable":true"#))
        await strict.stop()
    }

    @Test func `S42 a session sees and disconnects connections of its user alone`() async throws {
        let server = try await SymbolonServer.start()
        let key = try server.apiKey()
        // The workspace's own, which has no user.
        #expect(try await connect(server, key).status == 200)
        let id = try #require(try await ids(server, key).first)
        let created: Created = try await server.send(
            .POST, Self.path, json: #"{"user_id": "user_1", "disconnect": true}"#, key: key
        ).decoded()
        #expect(try await ids(server, created.token).isEmpty)
        #expect(try await ids(server, created.token, "?user_id=").isEmpty)
        for method in [HTTPMethod.GET, .DELETE] {
            let answer = try await server.send(method, "/api/v1/connections/\(id)", key: created.token)
            #expect(answer.status == 404 && code(answer) == "connection_not_found", "\(method)")
        }
        #expect(try await ids(server, key) == [id])
        await server.stop()
    }
}
