import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// Stores that an earlier release has left, with connections in them.
@Suite("Stores of earlier releases", .timeLimit(.minutes(2))) struct ReleaseStoreTests {
    private struct Listed: Decodable {
        struct Connection: Decodable { let id, user_id, label, status: String }
        let data: [Connection]
    }

    private struct Token: Decodable { let access_token: String }

    private static var stores: [String] {
        #if PostgreSQL
        return ["sqlite", "postgresql"]
        #else
        return ["sqlite"]
        #endif
    }

    private static func file(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Releases/\(name)")
            .path(percentEncoded: false)
    }

    @Test(arguments: stores) func `a store of 0.1.0 is verified, opened, listed and refreshed`(_ kind: String)
        async throws
    {
        let folder = try TemporaryFolder()
        let dump = Self.file("0.1.0-\(kind).sql")
        var environment = ["SYMBOLON_STORE": "sqlite:symbolon.sqlite"]
        if kind == "sqlite" {
            let script =
                "import sqlite3, sys; sqlite3.connect('symbolon.sqlite').executescript(open(sys.argv[1]).read())"
            let made = try await Tool.run("/usr/bin/python3", ["-c", script, dump], in: folder)
            try #require(made.status == 0, "\(made.output)")
        }
        #if PostgreSQL
        let server = kind == "postgresql" ? try await PostgreSQLServer.start() : nil
        if let server {
            let url = server.url(database: try await server.makeDatabase())
            try await server.query(String(contentsOfFile: dump, encoding: .utf8), at: url)
            environment["SYMBOLON_STORE"] = url
        }
        #endif
        let provider = try ServerProcess(
            "/usr/bin/env", ["python3", ServerScript.path("provider-endpoints.py"), "0"],
            workingDirectory: folder.url, logFile: folder.url.appending(path: "provider.log"))
        let ready = try await provider.waitForLine { $0.hasPrefix("ready ") }
        let port = try LoopbackPort.free()
        let key = try await Self.deploy(in: folder, port: port, provider: String(ready.dropFirst(6)))

        let verified = try await Tool.run(
            SymbolonBinary.path(), ["store", "verify", "--config", "symbolon.yaml", "--json"],
            environment: environment, in: folder)
        #expect(verified.status == 0, "\(verified.output)")
        #expect(verified.output.contains(#""table_version":3"#) && verified.output.contains(#""opened":2"#))

        let symbolon = try await SymbolonServer.start(
            ["--config", "symbolon.yaml"], environment: environment, in: folder, port: port)
        let listed = try await symbolon.send(.GET, "/api/v1/connections", key: key).decoded(as: Listed.self)
        #expect(Set(listed.data.map(\.label)) == ["ada@example.com", "grace@example.com"])
        #expect(listed.data.allSatisfy { $0.status == "active" })
        let found = try await symbolon.send(.GET, "/api/v1/connections/users/ada", key: key)
            .decoded(as: Listed.self)
        let ada = try #require(found.data.first)
        #expect(found.data.map(\.user_id) == ["ada"])
        let path = "/api/v1/connections/\(ada.id)/token"
        // Its access token is long past its end.
        for _ in 0..<2 {
            let token = try await symbolon.send(.GET, path, key: key).decoded(as: Token.self)
            #expect(token.access_token == "new-access-1")
        }
        let grace = try #require(listed.data.first { $0.user_id == "grace" })
        let other = try await symbolon.send(.GET, "/api/v1/connections/\(grace.id)/token", key: key)
            .decoded(as: Token.self)
        // The sweep may have been there first.
        #expect(["access-2", "new-access-2"].contains(other.access_token))
        await symbolon.stop()
        await provider.stop()
    }

    private static func deploy(
        in folder: TemporaryFolder, port: Int, provider: String
    ) async throws -> String {
        try folder.write(
            String(contentsOfFile: file("connections.json"), encoding: .utf8), to: "connections.keyring")
        try await ProductionSite.makeKeyrings(["state"], in: folder)
        let key = try await ProductionSite.makeKey(["read", "credentials"], in: folder)
        try folder.write(
            "workspaces: {wsp_1: {redirect_uris: [https://app.example.com/done]}}", to: "workspaces.yaml")
        try folder.write(
            """
            public_url: http://127.0.0.1:\(port)
            keyrings: {state: state.keyring, connections: connections.keyring}
            credentials: {api_keys: api-keys.json}
            workspaces: workspaces.yaml
            providers: {allow_insecure_loopback: true}
            integrations:
              archive:
                inherits: generic
                label: Archive
                documentation: https://www.rfc-editor.org/rfc/rfc6749
                authorization_endpoint: \(provider)/authorize
                token_endpoint: \(provider)/token
                client_id: client
                client_secret: a-secret-for-tests
            """, to: "symbolon.yaml")
        return key.text
    }
}
