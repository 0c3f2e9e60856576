import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// API keys that are limited, over all routes of the running program.
@Suite("Limited API keys from end to end", .timeLimit(.minutes(2))) struct KeyLimitAPITests {
    private struct Shown: Decodable {
        let id: String
    }

    private struct Page: Decodable {
        let data: [Shown]
        let next_cursor: String?
    }

    /// What a route answers about something that a key is not for, by the limit that the key has.
    private struct Expected {
        var target: String?
        var body: String?
        /// Where a limit does not matter.
        var status = 200
        let integrations: String?
        let connections: String?
        let users: String?
        let scopes: String?

        /// Each limit matters that concerns which connection it is.
        static func row(_ body: String? = nil, scopes: String? = nil, status: Int = 200) -> Expected {
            Expected(
                body: body, status: status, integrations: "integration_denied",
                connections: "connection_denied", users: "user_denied", scopes: scopes)
        }

        /// A list, which is filtered.
        static func list(_ target: String? = nil, users: String? = nil) -> Expected {
            Expected(target: target, integrations: nil, connections: nil, users: users, scopes: nil)
        }

        /// A question about an integration.
        static func integration(_ body: String? = nil) -> Expected {
            Expected(
                body: body, integrations: "integration_denied", connections: nil, users: nil, scopes: nil)
        }

        /// What concerns the deployment is for no limited key.
        static let deployment = Expected(
            integrations: "permission_denied", connections: "permission_denied", users: "permission_denied",
            scopes: "permission_denied")

        func code(_ limit: String) -> String? {
            switch limit {
            case "integrations": integrations
            case "connections": connections
            case "users": users
            default: scopes
            }
        }
    }

    private static let gmail =
        #"{"integration": "gmail", "user_id": "ada", "credentials": {"access_token": "g", "scope": "mail send"}}"#
    private static let slack =
        #"{"integration": "slack", "user_id": "grace", "credentials": {"access_token": "s", "scope": "mail"}}"#

    /// In the order in which they are asked for; the last one ends the connection.
    private static let routes: [(String, Expected)] = [
        ("get /api/v1/connections", .list()),
        ("get /api/v1/connections/users/{user_id}", .list(users: "user_denied")),
        ("get /api/v1/connections/{id}", .row()),
        ("get /api/v1/connections/{id}/events", .row()),
        ("get /api/v1/connections/{id}/token", .row(scopes: "scope_denied")),
        // There is nothing to refresh with.
        ("post /api/v1/oauth/refresh/{connection_id}", .row(scopes: "scope_denied", status: 409)),
        ("post /api/v1/connections/{id}/test", .row()),
        ("patch /api/v1/connections/{id}", .row(#"{"label": "one"}"#)),
        ("put /api/v1/connections/{id}", .row(#"{"label": "two"}"#)),
        ("post /api/v1/connections", .row(gmail, scopes: "scope_denied", status: 201)),
        ("post /api/v1/oauth/initiate", .row(#"{"integration_id": "gmail"}"#, scopes: "scope_denied")),
        (
            "post /api/v1/connect/sessions",
            .row(
                #"""
                {"user_id": "ada", "integrations": ["gmail"], "scopes": ["send"],
                 "connection_id": "conn_AAAAAAAAAAAAAAAAAAAAAA"}
                """#, scopes: "scope_denied")
        ),
        // A ticket's flow is judged when the ticket is read.
        (
            "post /api/v1/oauth/complete",
            Expected(
                body: #"{"ticket": "AA", "binding_secret": "x"}"#, status: 400, integrations: nil,
                connections: nil, users: nil, scopes: nil)
        ),
        (
            "post /api/v1/revocations",
            .row(#"{"integration": "gmail", "user_id": "ada", "dry_run": true}"#, status: 202)
        ),
        (
            "get /api/v1/revocations/{id}",
            Expected(
                integrations: "revocation_not_found", connections: "revocation_not_found",
                users: "revocation_not_found", scopes: nil)
        ),
        (
            "get /api/v1/revocations/{id}/grants",
            Expected(
                integrations: "revocation_not_found", connections: "revocation_not_found",
                users: "revocation_not_found", scopes: nil)
        ),
        ("get /api/v1/integrations", .list("/api/v1/integrations?search=gmail")),
        ("get /api/v1/integrations/{id}", .integration()),
        ("get /api/v1/connections/integrations/{integration_id}/requirements", .integration()),
        (
            "post /api/v1/connections/validate",
            Expected(
                target: "/api/v1/connections/validate?integration_id=gmail",
                body: #"{"credentials": {"access_token": "x"}}"#, integrations: "integration_denied",
                connections: nil, users: nil, scopes: nil)
        ),
        // What a key may do, it may always ask.
        ("get /api/v1/credential", .list()),
        ("get /metrics", .deployment),
        ("get /api/v1/deployment", .deployment),
        ("get /api/v1/log-levels", .deployment), ("patch /api/v1/log-levels", .deployment),
        ("delete /api/v1/connections/{id}", .row()),
    ]

    private static func key(
        _ arguments: [String], in folder: TemporaryFolder,
        permissions: [String] = ["initiate", "read", "credentials", "admin"]
    ) async throws -> String {
        try await ProductionSite.makeKey(permissions, arguments: arguments, in: folder).text
    }

    private static func site() async throws -> (TemporaryFolder, port: Int, key: String) {
        let folder = try TemporaryFolder()
        let port = try LoopbackPort.free()
        try await ProductionSite.makeKeyrings(in: folder)
        try folder.write(
            "workspaces: {wsp_1: {redirect_uris: [https://app.example.com/done]}}\n", to: "workspaces.yaml")
        try ProductionSite.writeSettings(
            """
            integrations:
              gmail: {client_id: client.apps.googleusercontent.com, client_secret: a-secret-for-tests}
              slack: {client_id: client, client_secret: a-secret-for-tests}
            """, port: port, in: folder)
        return (folder, port, try await key([], in: folder))
    }

    private static func serve(_ folder: TemporaryFolder, _ port: Int) async throws -> SymbolonServer {
        try await SymbolonServer.start(["--config", "symbolon.yaml"], in: folder, port: port)
    }

    private static func add(_ body: String, _ server: SymbolonServer, _ key: String) async throws -> String {
        let answer = try await server.send(.POST, "/api/v1/connections", json: body, key: key)
        try #require(answer.status == 201, "\(answer.body)")
        return try answer.decoded(as: Shown.self).id
    }

    private static func operations(_ server: SymbolonServer) async throws -> Set<String> {
        let document = try await server.send(.GET, "/openapi.json")
        let object = try JSONSerialization.jsonObject(with: Data(document.body.utf8)) as? [String: Any]
        let paths = try #require(object?["paths"] as? [String: [String: [String: Any]]])
        return Set(
            paths.flatMap { path, operations in
                // A route without a credential asks no caller who they are.
                operations.filter { ($0.value["security"] as? [Any])?.isEmpty == false }.keys
                    .map { "\($0) \(path)" }
            })
    }

    @Test func `S49 a limited key does nothing beyond its limits: over all routes`() async throws {
        let (folder, port, key) = try await Self.site()
        let first = try await Self.serve(folder, port)
        let own = try await Self.add(Self.slack, first, key)
        #expect(try await Self.operations(first) == Set(Self.routes.map(\.0)))
        await first.stop()
        let limits = [
            ("integrations", ["slack"]), ("connections", [own]), ("users", ["grace", "joan"]),
            ("scopes", ["mail"]),
        ]
        var keys: [(String, String)] = []
        for (limit, names) in limits {
            keys.append((limit, try await Self.key(["--\(limit)"] + names, in: folder)))
        }
        let server = try await Self.serve(folder, port)
        let revocation = try await server.send(
            .POST, "/api/v1/revocations", json: #"{"integration": "gmail", "dry_run": true}"#, key: key
        ).decoded(as: Shown.self).id
        for (limit, narrow) in keys {
            let shown = try await server.send(.GET, "/api/v1/credential", key: narrow).body
            let names = limits.first { $0.0 == limit }?.1.map { "\"\($0)\"" } ?? []
            #expect(shown.contains("\"\(limit)\":[\(names.joined(separator: ","))]"), "\(shown)")
            #expect(shown.components(separatedBy: ":null").count >= 4, "the other limits: \(shown)")
            let foreign = try await Self.add(Self.gmail, server, key)
            for (route, expected) in Self.routes {
                let parts = route.split(separator: " ").map(String.init)
                let id =
                    parts[1].contains("integrations")
                    ? "gmail" : parts[1].contains("revocations") ? revocation : foreign
                let target =
                    expected.target
                    ?? parts[1].replacing("{user_id}", with: "ada").replacing(/\{[a-z_]+\}/, with: id)
                // What ends a connection asks no provider.
                let query = parts[0] == "delete" ? "?revoke=false" : ""
                let answer = try await server.send(
                    HTTPMethod(rawValue: parts[0].uppercased()), target + query, json: expected.body,
                    key: narrow)
                let place = "\(limit): \(route): \(answer.body)"
                if let code = expected.code(limit) {
                    #expect(answer.status == (code.hasSuffix("not_found") ? 404 : 403), "\(place)")
                    #expect(answer.errorCode == code, "\(place)")
                } else {
                    #expect(answer.status == expected.status, "\(place)")
                }
                if limit != "scopes", route == "get /api/v1/connections" {
                    #expect(answer.body.contains(own) && !answer.body.contains(foreign), "\(place)")
                }
                if limit == "integrations", target.contains("search=gmail") {
                    #expect(!answer.body.contains(#""id":"gmail""#))
                }
            }
            // What it is for, it may use.
            for path in ["", "/token", "/events"] {
                let answer = try await server.send(.GET, "/api/v1/connections/\(own)\(path)", key: narrow)
                #expect(answer.status == 200, "\(limit): \(answer.body)")
            }
        }
        await server.stop()
    }

    /// A route's row on the page about credentials.
    private static func row(_ route: String, _ expected: Expected) -> String {
        let parts = route.split(separator: " ")
        // It is judged by what the ticket carries, which another test shows.
        let isCompletion = parts[1].hasSuffix("/complete")
        let cells = ["integrations", "connections", "users", "scopes"].map { limit in
            let code = isCompletion ? "\(limit.dropLast())_denied" : expected.code(limit)
            return code.map { "`\($0)`" } ?? "–"
        }
        return "| `\(parts[0].uppercased()) \(parts[1])` | \(cells.joined(separator: " | ")) |"
    }

    @Test func `S49 the page about credentials says what each limit refuses, for all routes`() throws {
        var root = URL(filePath: #filePath)
        for _ in 0..<3 { root.deleteLastPathComponent() }
        let page = try String(
            contentsOf: root.appending(path: "Sources/ConnectService/ConnectService.docc/Credentials.md"),
            encoding: .utf8)
        let rows = Self.routes.map(Self.row).sorted()
        #expect(
            page.split(separator: "\n").filter { $0.hasPrefix("| `") && $0.contains(" /") }.map(String.init)
                .sorted() == rows)
    }

    @Test func `S49 a key that must say what for does nothing without it: over all routes`() async throws {
        let (folder, port, _) = try await Self.site()
        let key = try await Self.key(
            ["--require-audit-context"], in: folder,
            permissions: ["initiate", "read", "credentials", "admin", "operate"])
        let server = try await Self.serve(folder, port)
        for (route, expected) in Self.routes {
            let parts = route.split(separator: " ").map(String.init)
            let answer = try await server.send(
                HTTPMethod(rawValue: parts[0].uppercased()),
                parts[1].replacing(/\{[a-z_]+\}/, with: parts[1].contains("integrations") ? "gmail" : "x"),
                json: expected.body, key: key)
            #expect(answer.status == 400 && answer.errorCode == "audit_context_required", "\(route)")
        }
        await server.stop()
    }

    @Test func `S49 a limited key's list is whole pages of what it is for`() async throws {
        let (folder, port, key) = try await Self.site()
        let narrow = try await Self.key(["--integrations", "slack", "--users", "grace"], in: folder)
        let server = try await Self.serve(folder, port)
        var own: [String] = []
        for _ in 0..<3 {
            own.insert(try await Self.add(Self.slack, server, key), at: 0)
            for body in [Self.gmail, Self.slack.replacing("grace", with: "ada")] {
                _ = try await Self.add(body, server, key)
            }
        }
        func page(_ query: String) async throws -> Page {
            try await server.send(.GET, "/api/v1/connections?\(query)", key: narrow).decoded(as: Page.self)
        }
        let first = try await page("limit=2")
        #expect(first.data.map(\.id) == Array(own[0...1]))
        let second = try await page("limit=2&cursor=\(try #require(first.next_cursor))")
        #expect(second.data.map(\.id) == [own[2]] && second.next_cursor == nil)
        #expect(try await page("skip=1").data.map(\.id) == Array(own[1...2]))
        // A filter opens nothing.
        #expect(try await page("integration=gmail").data.isEmpty)
        #expect(try await page("user_id=ada").data.isEmpty)
        await server.stop()
    }

    @Test func `S49 a limited key's sessions are within its limits, now and when they are narrowed`()
        async throws
    {
        let (folder, port, key) = try await Self.site()
        let narrow = try await Self.key(
            ["--integrations", "slack", "gmail", "--users", "grace", "ada", "--scopes", "mail", "send"],
            in: folder)
        func session(_ server: SymbolonServer, _ user: String) async throws -> String {
            struct Created: Decodable { let token: String }
            return try await server.send(
                .POST, "/api/v1/connect/sessions", json: #"{"user_id": "\#(user)", "disconnect": true}"#,
                key: narrow
            ).decoded(as: Created.self).token
        }
        let first = try await Self.serve(folder, port)
        let (grace, ada) = (try await session(first, "grace"), try await session(first, "ada"))
        let foreign = try await Self.add(
            Self.gmail.replacing("ada", with: "grace"), first, key)
        let list = "/api/v1/connections"
        #expect(try await first.send(.GET, list, key: grace).body.contains(foreign))
        await first.stop()
        let file = try folder.read("api-keys.json")
        let narrower = file.replacing(/"gmail",\s*/, with: "").replacing(/"ada",\s*/, with: "")
            .replacing(/,\s*"gmail"/, with: "").replacing(/,\s*"ada"/, with: "")
        try #require(!narrower.contains("gmail") && !narrower.contains("\"ada\""))
        try folder.write(narrower, to: "api-keys.json")
        let second = try await Self.serve(folder, port)
        #expect(try await !second.send(.GET, list, key: grace).body.contains(foreign))
        for method in [HTTPMethod.GET, .DELETE] {
            let answer = try await second.send(method, "\(list)/\(foreign)", key: grace)
            #expect(answer.status == 404 && answer.errorCode == "connection_not_found")
        }
        let flow = try await second.send(
            .POST, "/api/v1/oauth/initiate", json: #"{"integration_id": "gmail"}"#, key: grace)
        #expect(flow.status == 403 && flow.errorCode == "session_forbids")
        let ended = try await second.send(.GET, list, key: ada)
        #expect(ended.status == 401 && ended.errorCode == "session_ended")
        await second.stop()
    }

    @Test func `S49 a limited key completes flows within its limits only, begun by any caller`() async throws
    {
        let folder = try TemporaryFolder()
        let first = try await SymbolonServer.start(in: folder)
        let development = try first.apiKey()
        await first.stop()
        func key(_ arguments: String...) async throws -> String {
            let output = try await ProductionSite.run(
                ["api-keys", "create", "--file", ".symbolon/api-keys.json", "--workspace", "wsp_development"]
                    + arguments, in: folder)
            let line = output.split(separator: "\n").first { $0.hasPrefix("sym_") }
            return String(try #require(line))
        }
        let narrow = [
            (try await key("--integrations", "gmail"), "integration_denied"),
            (try await key("--users", "grace", "ada"), "user_denied"),
            (try await key("--connections", "conn_AAAAAAAAAAAAAAAAAAAAAA"), "connection_denied"),
            (try await key("--scopes", "profile"), "scope_denied"),
        ]
        let fitting = try await key("--integrations", "sandbox")
        let server = try await SymbolonServer.start(in: folder)
        let secret = BindingSecret()
        struct Initiated: Decodable { let auth_url: String }
        let flow: Initiated = try await server.send(
            .POST, "/api/v1/oauth/initiate",
            json:
                #"{"integration_id": "sandbox", "redirect_uri": "http://127.0.0.1:9/done"\#(secret.member)}"#,
            key: development
        ).decoded()
        let browser = Browser()
        let page = try await browser.open(flow.auth_url)
        let form = try #require(page.forms.first)
        let button = try #require(form.buttons.first { $0.value == "allow" })
        let sent = try await browser.submit(form, on: page, pressing: button)
        let home = try await browser.open(try #require(sent.redirectTarget))
        let target = try #require(home.redirectTarget)
        let ticket = try #require(FormEncoding.query(of: target)["ticket"])
        for (key, code) in narrow {
            let answer = try await server.complete(ticket, secret.text, key: key)
            #expect(answer.status == 403 && answer.errorCode == code, "\(answer.body)")
        }
        let answer = try await server.complete(ticket, secret.text, key: fitting)
        #expect(answer.status == 200, "\(answer.body)")
        await server.stop()
    }
}
