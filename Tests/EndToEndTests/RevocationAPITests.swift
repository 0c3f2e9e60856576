import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// `POST /api/v1/revocations` and `GET …/{id}`, of the running program.
@Suite("Revocations", .timeLimit(.minutes(2))) struct RevocationAPITests {
    private struct Shown: Decodable {
        struct Counts: Decodable { let revoked, refused, not_possible, unknown, left: Int }
        let id: String
        let status: String
        let counts: Counts
        let workspace: String?
        let dry_run: Bool
        let finished_at: String?
    }

    private struct Grants: Decodable {
        struct Grant: Decodable, Equatable {
            let connection_id, workspace, integration: String
            let outcome, reason, at: String?
        }
        let data: [Grant]
        let next_cursor: String?
    }

    private static let path = "/api/v1/revocations"

    private static func post(
        _ server: SymbolonServer, _ body: String, key: String? = nil
    ) async throws -> Answer {
        try await server.send(
            .POST, path, json: body, key: server.apiKey(),
            headers: HTTPHeaders(key.map { [("Idempotency-Key", $0)] } ?? []))
    }

    private static func connect(_ server: SymbolonServer, user: String) async throws -> String {
        struct Made: Decodable { let id: String }
        let body =
            #"{"integration": "sandbox", "user_id": "\#(user)", "credentials": {"access_token": "held-\#(user)"}}"#
        return try await server.send(.POST, "/api/v1/connections", json: body, key: server.apiKey())
            .decoded(as: Made.self).id
    }

    @Test func `grants are revoked, their connections give no token, and the job says what became of them`()
        async throws
    {
        let server = try await SymbolonServer.start()
        let ada = try await Self.connect(server, user: "ada")
        let grace = try await Self.connect(server, user: "grace")
        let dry = try await Self.post(server, #"{"user_id": "ada", "dry_run": true}"#)
        #expect(dry.status == 202, "\(dry.body)")
        #expect(try dry.decoded(as: Shown.self).counts.left == 1)
        let begun = try await Self.post(server, #"{"user_id": "ada"}"#, key: "key-1")
        #expect(begun.status == 202)
        let token = try await server.send(.GET, "/api/v1/connections/\(ada)/token", key: server.apiKey())
        #expect(token.status == 409 && token.body.contains("connection_inactive"))
        let other = try await server.send(.GET, "/api/v1/connections/\(grace)/token", key: server.apiKey())
        #expect(other.status == 200)
        let id = try begun.decoded(as: Shown.self).id
        var shown = try begun.decoded(as: Shown.self)
        try await eventually("it is finished", within: .seconds(20), every: .milliseconds(100)) {
            shown = try await server.send(.GET, "\(Self.path)/\(id)", key: server.apiKey())
                .decoded(as: Shown.self)
            return shown.status == "finished"
        }
        #expect(shown.finished_at != nil && shown.counts.left == 0)
        #expect(shown.counts.revoked + shown.counts.refused + shown.counts.not_possible == 1)
        #expect(shown.workspace == nil && !shown.dry_run)
        func grants(_ query: String = "") async throws -> [Grants.Grant] {
            try await server.send(.GET, "\(Self.path)/\(id)/grants\(query)", key: server.apiKey())
                .decoded(as: Grants.self).data
        }
        let listed = try await grants()
        #expect(listed.map(\.connection_id) == [ada] && listed.first?.integration == "sandbox")
        let outcome = try #require(listed.first?.outcome)
        #expect(listed.first?.at != nil && listed.first?.workspace == "wsp_development")
        for name in ["revoked", "refused", "not_possible", "unknown", "left"] {
            #expect(try await grants("?outcome=\(name)") == (name == outcome ? listed : []))
        }
        // The same key begins nothing, and means nothing else.
        let again = try await Self.post(server, #"{"user_id": "ada"}"#, key: "key-1")
        #expect(again.status == 202)
        #expect(try again.decoded(as: Shown.self).id == id)
        let reused = try await Self.post(server, #"{"user_id": "grace"}"#, key: "key-1")
        #expect(reused.status == 422 && reused.body.contains("idempotency_key_reused"))
        await server.stop()
    }

    @Test func `the grants of a revocation are listed page by page`() async throws {
        let server = try await SymbolonServer.start()
        var ids: [String] = []
        for _ in 0..<5 { ids.append(try await Self.connect(server, user: "ada")) }
        let id = try await Self.post(server, #"{"user_id": "ada"}"#).decoded(as: Shown.self).id
        let path = "\(Self.path)/\(id)/grants"
        var found: [String] = []
        var counts: [Int] = []
        var next: String? = ""
        while let cursor = next {
            let page = try await server.send(
                .GET, path + "?limit=2" + (cursor.isEmpty ? "" : "&cursor=\(cursor)"), key: server.apiKey()
            ).decoded(as: Grants.self)
            found += page.data.map(\.connection_id)
            counts.append(page.data.count)
            next = page.next_cursor
        }
        #expect(found == ids.sorted() && counts == [2, 2, 1])
        let whole = try await server.send(.GET, path + "?limit=5", key: server.apiKey())
        #expect(try whole.decoded(as: Grants.self).next_cursor == nil)
        for (query, type) in [
            ("limit=0", "greater_than_equal"), ("limit=1001", "less_than_equal"), ("limit=x", "int_parsing"),
            ("outcome=", "enum"), ("outcome=Revoked", "enum"), ("cursor=", "invalid_cursor"),
            ("cursor=x", "invalid_cursor"), ("cursor=AAAA", "invalid_cursor"),
            ("cursor=AQA", "invalid_cursor"),
        ] {
            let answer = try await server.send(.GET, "\(path)?\(query)", key: server.apiKey())
            #expect(answer.status == 422 && answer.body.contains(type), "\(query): \(answer.body)")
        }
        let dry = try await Self.post(server, #"{"user_id": "ada", "dry_run": true}"#).decoded(as: Shown.self)
        let none = try await server.send(.GET, "\(Self.path)/\(dry.id)/grants", key: server.apiKey())
        #expect(none.body == #"{"data":[],"next_cursor":null}"#)
        await server.stop()
    }

    private static let wrong: [(body: String, expected: String)] = [
        ("{}", #"["body"]"#), (#"{"user_id": null}"#, "string_type"),
        (#"{"workspace": "wsp_development", "user_id": null}"#, "string_type"),
        (#"{"dry_run": true}"#, "missing"),
        (#"{"user_id": ""}"#, "string_too_short"), (#"{"workspace": ""}"#, "string_too_short"),
        (#"{"user_id": 1}"#, "string_type"), (#"{"user": "ada"}"#, "extra_forbidden"),
        (#"{"user_id": "ada", "integration_id": "gmail"}"#, "extra_forbidden"),
        (#"{"since": "yesterday"}"#, "datetime_parsing"), (#"{"since": 1}"#, "string_type"),
        (#"{"user_id": "a\u0000"}"#, "string_pattern_mismatch"),
        (#"{"integration": "gmail", "dry_run": "no"}"#, #"["body","dry_run"]"#),
        ("[]", "model_attributes_type"),
        ("", "missing"),
    ]

    @Test func `a filter that is empty or not understood ends no grant`() async throws {
        let server = try await SymbolonServer.start()
        let id = try await Self.connect(server, user: "ada")
        for (body, expected) in Self.wrong {
            let answer = try await Self.post(server, body)
            #expect(answer.status == 422 && answer.body.contains(expected), "\(body): \(answer.body)")
        }
        let unknown = "\(Self.path)/rev_AAAAAAAAAAAAAAAAAAAAAA"
        for path in [unknown, "\(Self.path)/x", "\(unknown)/grants", "\(Self.path)/x/grants"] {
            let answer = try await server.send(.GET, path, key: server.apiKey())
            #expect(answer.status == 404 && answer.body.contains("revocation_not_found"), "\(answer.body)")
        }
        #expect(try await server.send(.GET, unknown).status == 401)
        #expect(try await server.send(.POST, Self.path, json: #"{"user_id": "ada"}"#).status == 401)
        let token = try await server.send(.GET, "/api/v1/connections/\(id)/token", key: server.apiKey())
        #expect(token.status == 200)
        await server.stop()
    }

    /// A key of a new deployment's file.
    private static func key(
        _ permissions: [String], _ workspaces: [String], in folder: TemporaryFolder
    ) async throws -> String {
        try await ProductionSite.makeKey(permissions, workspaces: workspaces, in: folder).text
    }

    @Test func `S22 a workspace's administrator ends its own grants only, and operators those of all`()
        async throws
    {
        let folder = try TemporaryFolder()
        let port = try LoopbackPort.free()
        try await ProductionSite.makeKeyrings(in: folder)
        let admin = try await Self.key(["admin"], ["wsp_1"], in: folder)
        let both = try await Self.key(["admin"], ["wsp_1", "wsp_2"], in: folder)
        let operate = try await Self.key(["operate"], ["wsp_1"], in: folder)
        let reader = try await Self.key(["read", "credentials", "initiate"], ["wsp_1"], in: folder)
        try folder.write(
            """
            workspaces:
              wsp_1: {redirect_uris: [https://app.example.com/done]}
              wsp_2: {redirect_uris: [https://app.example.com/done]}
            """, to: "workspaces.yaml")
        try ProductionSite.writeSettings(
            """
            integrations:
              slack: {client_id: client, client_secret: a-secret-for-tests}
            """, port: port, in: folder)
        let server = try await SymbolonServer.start(["--config", "symbolon.yaml"], in: folder, port: port)
        for workspace in ["wsp_1", "wsp_2"] {
            let made = try await server.send(
                .POST, "/api/v1/connections",
                json: #"{"integration": "slack", "user_id": "ada", "credentials": {"access_token": "a"}}"#,
                key: both, headers: ["X-Workspace-Id": workspace])
            #expect(made.status == 201, "\(made.body)")
        }
        func begin(
            _ key: String, _ members: String = "", in workspace: String? = nil
        ) async throws -> Answer {
            try await server.send(
                .POST, Self.path, json: #"{"user_id": "ada", "dry_run": true\#(members)}"#, key: key,
                headers: HTTPHeaders(workspace.map { [("X-Workspace-Id", $0)] } ?? []))
        }
        let own = try await begin(admin).decoded(as: Shown.self)
        #expect(own.workspace == "wsp_1" && own.counts.left == 1)
        let all = try await begin(operate).decoded(as: Shown.self)
        #expect(all.workspace == nil && all.counts.left == 2)
        let named = try await begin(operate, in: "wsp_2").decoded(as: Shown.self)
        #expect(named.workspace == "wsp_2" && named.counts.left == 1)
        let second = try await begin(both, #", "workspace": "wsp_2""#, in: "wsp_1").decoded(as: Shown.self)
        #expect(second.workspace == "wsp_2" && second.counts.left == 1)
        for (answer, status, code) in [
            (try await begin(admin, #", "workspace": "wsp_2""#), 403, "workspace_denied"),
            (try await begin(admin, in: "wsp_2"), 403, "workspace_denied"),
            (try await begin(both), 400, "workspace_required"),
            (try await begin(reader), 403, "permission_denied"),
        ] {
            #expect(answer.status == status && answer.errorCode == code, "\(answer.body)")
        }
        for (key, id, status) in [
            (admin, own.id, 200), (admin, all.id, 404), (admin, second.id, 404), (both, second.id, 200),
            (both, all.id, 404), (operate, own.id, 200), (operate, all.id, 200), (reader, own.id, 403),
        ] {
            for part in ["", "/grants"] {
                let answer = try await server.send(.GET, "\(Self.path)/\(id)\(part)", key: key)
                #expect(answer.status == status, "\(id): \(answer.body)")
            }
        }
        await server.stop()
    }
}
