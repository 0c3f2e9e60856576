import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// What an app and an operator see when what is stored is not as it should be.
@Suite("A store with something wrong in it", .timeLimit(.minutes(2))) struct BrokenStoreTests {
    private struct Initiated: Decodable {
        let auth_url: String
    }

    private struct Listed: Decodable {
        struct Entry: Decodable { let id: String }
        let data: [Entry]
    }

    private struct Problem: Decodable {
        let detail: String
        let error_code: String
    }

    private struct Deleted: Decodable, Equatable {
        let id: String
        let revoked: Bool
        let revocation: String
        let others: [String]
    }

    private func connect(_ server: SymbolonServer) async throws -> String {
        let body =
            #"{"integration_id": "sandbox", "redirect_uri": "http://localhost:3000/done", "new": true}"#
        let answer = try await server.send(
            .POST, "/api/v1/oauth/initiate", json: body, key: server.apiKey())
        let browser = Browser()
        let page = try await browser.open(try answer.decoded(as: Initiated.self).auth_url)
        let form = try #require(page.forms.first)
        let button = try #require(form.buttons.first { $0.value == "allow" })
        let sent = try await browser.submit(form, on: page, pressing: button)
        let done = try await browser.open(try #require(sent.redirectTarget))
        return try #require(FormEncoding.query(of: done.redirectTarget ?? "")["connection_id"])
    }

    private func tamper(_ server: SymbolonServer, _ sql: String) async throws {
        let script =
            "import sqlite3, sys; s = sqlite3.connect('.symbolon/symbolon.sqlite'); "
            + "s.execute('PRAGMA ignore_check_constraints = ON'); s.execute(sys.argv[1]); s.commit()"
        let done = try await Tool.run("python3", ["-c", script, sql], in: server.folder)
        try #require(done.status == 0, "\(done.output)")
    }

    @Test(arguments: [
        "expires_at_s = -9223372036854775800", "expires_at_s = 9223372036854775807",
        "revision = 9223372036854775807", "created_at_ms = -9223372036854775807", "scopes_granted = '{}'",
        "config = '[1]'", "status = 'retired'", "label = CAST(x'ff' AS TEXT)", "flow_id = x'00'",
    ])
    func `S47 one bad row stops no process and no list, and can be deleted`(_ change: String) async throws {
        let server = try await SymbolonServer.start()
        let key = try server.apiKey()
        let (bad, good) = (try await connect(server), try await connect(server))
        try await tamper(server, "UPDATE connections SET \(change) WHERE id = '\(bad)'")
        let list = try await server.send(.GET, "/api/v1/connections", key: key)
        #expect(list.status == 200, "\(list.body)")
        #expect(try list.decoded(as: Listed.self).data.map(\.id) == [good])
        for (method, path) in [
            (HTTPMethod.GET, "/api/v1/connections/\(bad)"), (.GET, "/api/v1/connections/\(bad)/token"),
            (.POST, "/api/v1/oauth/refresh/\(bad)"),
        ] {
            let answer = try await server.send(method, path, key: key)
            #expect(answer.status == 409, "\(answer.body)")
            let problem = try answer.decoded(as: Problem.self)
            #expect(problem.error_code == "connection_unreadable")
            #expect(problem.detail.contains(String(try #require(change.split(separator: " ").first))))
        }
        let deleted = try await server.send(.DELETE, "/api/v1/connections/\(bad)", key: key)
        #expect(
            try deleted.decoded(as: Deleted.self)
                == Deleted(id: bad, revoked: false, revocation: "unknown", others: []))
        #expect(try await server.send(.GET, "/api/v1/connections/\(bad)", key: key).status == 404)
        #expect(try await server.send(.GET, "/api/v1/connections/\(good)/token", key: key).status == 200)
        await server.stop()
        #expect(try await server.log.contains(bad), "the log names the row")
    }

    @Test func `a deletion says what became of the grant, and leaves it where that is asked`() async throws {
        let server = try await SymbolonServer.start()
        let key = try server.apiKey()
        let (first, second) = (try await connect(server), try await connect(server))
        func delete(_ id: String, _ query: String = "") async throws -> Answer {
            try await server.send(.DELETE, "/api/v1/connections/\(id)\(query)", key: key)
        }
        #expect(try await delete(first, "?revoke=maybe").status == 422)
        let left = try await delete(first, "?revoke=false")
        #expect(try left.decoded(as: Deleted.self).revoked == false)
        let revoked = try await delete(second)
        #expect(
            try revoked.decoded(as: Deleted.self)
                == Deleted(id: second, revoked: true, revocation: "revoked", others: []))
        await server.stop()
    }

    @Test func `a database file that was moved away shows at readyz, and takes no connection`() async throws {
        let server = try await SymbolonServer.start()
        let id = try await connect(server)
        let path = server.folder.path + "/.symbolon/symbolon.sqlite"
        try FileManager.default.moveItem(atPath: path, toPath: path + ".away")
        let ready = try await server.send(.GET, "/readyz")
        #expect(ready.status == 200 && ready.body.contains(#""degraded":["store"]"#), "\(ready.body)")
        #expect(ready.body.contains(#""store":{"status":"down","problem":"moved"}"#), "\(ready.body)")
        #expect(!ready.body.contains(path), "strangers learn no path")
        let answer = try await server.send(.DELETE, "/api/v1/connections/\(id)", key: server.apiKey())
        #expect(answer.status == 503, "\(answer.body)")
        try FileManager.default.moveItem(atPath: path + ".away", toPath: path)
        #expect(try await server.send(.GET, "/readyz").body.contains(#""status":"ready""#))
        await server.stop()
    }

    @Test func `after the connections keyring was lost the error says what to do`() async throws {
        let server = try await SymbolonServer.start()
        let id = try await connect(server)
        await server.stop()
        try FileManager.default.removeItem(atPath: server.folder.path + "/.symbolon/connections.keyring")
        let again = try await SymbolonServer.start(in: server.folder)
        for path in ["/token", "?include_credentials=true"] {
            let answer = try await again.send(
                .GET, "/api/v1/connections/\(id)\(path)", key: again.apiKey())
            #expect(answer.status == 503, "\(answer.body)")
            let problem = try answer.decoded(as: Problem.self)
            #expect(problem.error_code == "key_unavailable" && problem.detail.contains("keyring"))
        }
        await again.stop()
    }
}
