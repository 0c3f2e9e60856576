import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// `PATCH` and `PUT /api/v1/connections/{id}` of the running program.
@Suite("Changing a connection", .timeLimit(.minutes(2))) struct ChangeConnectionTests {
    private struct Shown: Decodable {
        let id: String
        let label: String
        let tags: [String: String]
        let config: [String: String]
        let status: String
        let revision: Int
        let error_code: String?
    }

    private struct Change {
        let server: SymbolonServer
        let id: String

        func send(_ body: String, method: HTTPMethod = .PATCH) async throws -> Answer {
            try await server.send(method, "/api/v1/connections/\(id)", json: body, key: server.apiKey())
        }

        func get(_ path: String = "") async throws -> Answer {
            try await server.send(.GET, "/api/v1/connections/\(id)\(path)", key: server.apiKey())
        }
    }

    /// A connection through the sandbox.
    private func connected() async throws -> Change {
        let server = try await SymbolonServer.start()
        let begun = try await server.send(
            .POST, "/api/v1/oauth/initiate",
            json: #"{"integration_id": "sandbox", "label": "Mine", "tags": {"plan": "pro", "é": ""}}"#,
            key: server.apiKey())
        struct Initiated: Decodable { let auth_url: String }
        let browser = Browser()
        let page = try await browser.open(try begun.decoded(as: Initiated.self).auth_url)
        let form = try #require(page.forms.first)
        let button = try #require(form.buttons.first { $0.value == "allow" })
        let sent = try await browser.submit(form, on: page, pressing: button)
        _ = try await browser.open(try #require(sent.redirectTarget))
        struct List: Decodable { let data: [Shown] }
        let list = try await server.send(.GET, "/api/v1/connections", key: server.apiKey())
        let shown = try #require(try list.decoded(as: List.self).data.first)
        #expect(shown.label == "Mine" && shown.tags == ["plan": "pro", "é": ""])
        return Change(server: server, id: shown.id)
    }

    @Test func `what is named changes, and all else stays`() async throws {
        let connection = try await connected()
        let before = try await connection.get().decoded(as: Shown.self)
        let label = try await connection.send(#"{"label": "Ada's sandbox"}"#)
        #expect(label.status == 200, "\(label.body)")
        let labelled = try label.decoded(as: Shown.self)
        #expect(
            (labelled.label, labelled.status, labelled.config) == ("Ada's sandbox", "active", before.config))
        #expect(labelled.revision == before.revision + 1)
        let tags = try await connection.send(
            #"{"tags": {"team": "sales", "é": "🙂"}, "config": {"folder": "7"}, "label": null}"#, method: .PUT)
        let tagged = try tags.decoded(as: Shown.self)
        #expect(tagged.tags == ["team": "sales", "é": "🙂"] && tagged.label == "Ada's sandbox")
        #expect(tagged.config["folder"] == "7")
        #expect(try await connection.get().body == tags.body, "it is stored")
        #expect(try await connection.send("{}").status == 200)
        await connection.server.stop()
    }

    @Test func `a change that is based on an old revision is a 409, and changes nothing`() async throws {
        let connection = try await connected()
        let revision = try await connection.get().decoded(as: Shown.self).revision
        #expect(try await connection.send(#"{"label": "a", "revision": \#(revision)}"#).status == 200)
        for stale in [revision, 0, -1, revision + 2, .max] {
            let answer = try await connection.send(#"{"label": "b", "revision": \#(stale)}"#)
            #expect(answer.status == 409 && answer.body.contains("revision_conflict"), "\(answer.body)")
        }
        #expect(try await connection.get().decoded(as: Shown.self).label == "a")
        // Without one the last writer wins, however many write at once.
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<6 {
                group.addTask { try await connection.send(#"{"label": "\#(number)"}"#).status }
            }
            for try await status in group { #expect(status == 200) }
        }
        #expect(try await connection.get().decoded(as: Shown.self).revision == revision + 7)
        await connection.server.stop()
    }

    @Test func `an inactive connection gives no token, and an active one does again`() async throws {
        let connection = try await connected()
        #expect(
            try await connection.send(#"{"status": "inactive"}"#).decoded(as: Shown.self).status == "inactive"
        )
        let refresh = try await connection.server.send(
            .POST, "/api/v1/oauth/refresh/\(connection.id)", key: connection.server.apiKey())
        for answer in [
            try await connection.get("/token"), try await connection.get("?include_credentials=true"),
            refresh,
        ] {
            #expect(answer.status == 409 && answer.body.contains("connection_inactive"), "\(answer.body)")
            #expect(!answer.body.contains("access_token"))
        }
        #expect(try await connection.get().status == 200)
        let found = try await connection.server.send(
            .GET, "/api/v1/connections?status=inactive", key: connection.server.apiKey())
        #expect(found.body.contains(connection.id))
        #expect(
            try await connection.send(#"{"status": "active"}"#).decoded(as: Shown.self).status == "active")
        #expect(try await connection.get("/token").status == 200)
        await connection.server.stop()
    }

    @Test(arguments: [
        (#"{"status": "expired"}"#, "enum", "status"), (#"{"status": "testing"}"#, "enum", "status"),
        (#"{"status": 1}"#, "string_type", "status"),
        (#"{"label": "\#(String(repeating: "x", count: 256))"}"#, "string_too_long", "label"),
        (#"{"label": "a\u0000b"}"#, "string_pattern_mismatch", "label"),
        (#"{"label": 7}"#, "string_type", "label"),
        (#"{"tags": []}"#, "dict_type", "tags"), (#"{"tags": {"a": 1}}"#, "string_type", "tags"),
        (#"{"tags": {"": "x"}}"#, "string_too_short", "tags"),
        (#"{"tags": {"a": "\#(String(repeating: "x", count: 201))"}}"#, "string_too_long", "tags"),
        (#"{"tags": {"\#(String(repeating: "n", count: 65))": ""}}"#, "string_too_long", "tags"),
        (
            "{\"tags\": {\((0...10).map { "\"t\($0)\": \"\"" }.joined(separator: ", "))}}", "too_long", "tags"
        ),
        (#"{"config": "x"}"#, "dict_type", "config"), (#"{"revision": 1.5}"#, "int_type", "revision"),
        (#"{"revision": "1"}"#, "int_type", "revision"),
        (#"{"revision": 9223372036854775808}"#, "int_type", "revision"),
        (#"{"flow_id": "someone-else"}"#, "extra_forbidden", "flow_id"),
        (#"{"lable": "x"}"#, "extra_forbidden", "lable"),
    ])
    func `what cannot be changed so is a 422 at its place, and nothing is lost silently`(
        _ body: String, _ type: String, _ field: String
    ) async throws {
        let connection = try await connected()
        let before = try await connection.get().body
        let answer = try await connection.send(body)
        #expect(answer.status == 422, "\(answer.body)")
        #expect(answer.body.contains(#""type":"\#(type)""#), "\(answer.body)")
        #expect(answer.body.contains(#"["body","\#(field)""#), "\(answer.body)")
        #expect(try await connection.get().body == before)
        await connection.server.stop()
    }

    private struct Events: Decodable {
        struct Event: Decodable {
            let type: String
            let at: String
            let detail: String?
            let actor: String
        }

        let data: [Event]
    }

    @Test func `what happened to a connection is told, with who asked for it, after its deletion too`()
        async throws
    {
        let connection = try await connected()
        let server = connection.server
        _ = try await connection.send(#"{"status": "inactive"}"#)
        _ = try await connection.send(#"{"status": "active", "label": "Ada"}"#)
        _ = try await server.send(.POST, "/api/v1/oauth/refresh/\(connection.id)", key: server.apiKey())
        let answer = try await connection.get("/events")
        let events = try answer.decoded(as: Events.self).data
        #expect(events.map(\.type) == ["refreshed", "updated", "updated", "created"], "\(answer.body)")
        #expect(events.map(\.detail) == [nil, "label, status active", "status inactive", nil])
        #expect(events.last?.actor == "user" && events.dropLast().allSatisfy { $0.actor.hasPrefix("key_") })
        #expect(events.allSatisfy { $0.at.hasSuffix("Z") })
        let path = "/api/v1/connections/\(connection.id)/events"
        #expect(try await server.send(.GET, path).status == 401)
        #expect(
            try await server.send(
                .GET, "/api/v1/connections/conn_AAAAAAAAAAAAAAAAAAAAAA/events", key: server.apiKey()
            ).status == 404)
        let deleted = try await server.send(
            .DELETE, "/api/v1/connections/\(connection.id)", key: server.apiKey())
        #expect(deleted.status == 200)
        #expect(try await connection.get().status == 404)
        let after = try await connection.get("/events").decoded(as: Events.self).data
        #expect(after.count == 6 && after.prefix(2).map(\.type) == ["revoked", "deleted"])
        await server.stop()
    }

    @Test func `S22 another workspace, another credential or an unknown id changes nothing`() async throws {
        let connection = try await connected()
        let server = connection.server
        let path = "/api/v1/connections/\(connection.id)"
        #expect(try await server.send(.PATCH, path, json: #"{"label": "x"}"#).status == 401)
        let other = try await server.send(
            .PATCH, path, json: #"{"label": "x"}"#, key: server.apiKey(),
            headers: ["X-Workspace-Id": "wsp_other"])
        #expect(other.status == 403)
        let unknown = try await server.send(
            .PATCH, "/api/v1/connections/conn_AAAAAAAAAAAAAAAAAAAAAA", json: #"{"label": "x"}"#,
            key: server.apiKey())
        #expect(unknown.status == 404)
        #expect(try await connection.get().decoded(as: Shown.self).label != "x")
        await server.stop()
    }
}
