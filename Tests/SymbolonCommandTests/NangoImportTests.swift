import Connections
import ConnectionsSQLite
import Foundation
import Keyrings
import StateTokens
import TestSupport
import Testing

@testable import SymbolonCommands

@Suite("symbolon connections import --format nango") struct NangoImportTests: SealedStoreSuite {
    let sealed: SealedStoreSamples

    init() throws { sealed = try SealedStoreSamples() }

    private func run(_ arguments: String...) async throws -> CommandRun {
        let run = try await CommandRun(
            [
                "connections", "import", "nango.jsonl", "--store", "sqlite:store.sqlite", "--keyring",
                "connections.keyring", "--workspace", "wsp_1",
            ] + arguments, in: folder)
        #expect(!run.everything.contains("secret-"), "S23")
        return run
    }

    private func stored() async throws -> [Connection] {
        try await store.store.connections(matching: ConnectionQuery(workspaceID: "wsp_1")).connections
    }

    private static func file(_ path: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: path).standardized
            .path(percentEncoded: false)
    }

    /// The loop on the page about moving here, as it stands there.
    private static func documentedLoop() throws -> String {
        let page = try String(
            contentsOfFile: file("../../Sources/SymbolonCommands/SymbolonCommands.docc/MovingHere.md"),
            encoding: .utf8)
        let blocks = page.components(separatedBy: "```sh\n").dropFirst().compactMap {
            $0.components(separatedBy: "```").first
        }
        return try #require(blocks.first { $0.contains("> nango.jsonl") })
    }

    @Test func `the documented loop and an import move what Nango's API shows`() async throws {
        let nango = try ServerProcess(
            "/usr/bin/python3", [Self.file("StandIns/nango.py")], workingDirectory: folder.url,
            logFile: folder.url.appending(path: "nango.log"))
        let ready = try await nango.waitForLine { $0.hasPrefix("ready ") }
        let loop = try await CommandRun(
            ["-euc", Self.documentedLoop()],
            environment: ["NANGO": String(ready.dropFirst(6)), "NANGO_SECRET_KEY": "nango-secret"],
            program: "/bin/sh", in: folder)
        #expect(loop.status == 0, "\(loop.errors)")
        #expect(try folder.mode(of: "nango.jsonl") == 0o600)
        await nango.stop()

        let arguments = [
            "--format", "nango", "--integration", "mail main=sandbox", "--parameter", "subdomain=shop",
        ]
        let first = try await run(
            arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5])
        #expect(first.status == 1, "one of them has an API key")
        #expect(first.output.contains("2 imported, 0 there already, 1 rejected"), "\(first.everything)")
        #expect(first.output.contains("line 3: its credentials are of type API_KEY"))
        let connections = try await stored().sorted { ($0.userID ?? "") < ($1.userID ?? "") }
        #expect(connections.map(\.userID) == ["user_1", "user_2"])
        #expect(connections.map(\.label) == ["ada@example.com", "grace@example.com"])
        #expect(connections.first?.config == ["shop": "acme"])
        #expect(connections.first?.tags == ["plan": "pro", "seats": "3"])
        #expect(connections.first?.scopesGranted.sorted() == ["read", "write"])
        #expect(connections.first?.expiresAt == Timestamp(rfc3339: "2024-03-08T09:43:03Z"))
        let id = try #require(connections.first?.id)
        let row = try #require(try await store.store.credentials(of: id, workspaceID: "wsp_1"))
        let opened = try StoreSamples.sealer(key).open(
            row.credentials, at: CredentialLocation(workspaceID: "wsp_1", connectionID: id))
        #expect((opened.accessToken, opened.refreshToken) == ("secret-1", "secret-2"))
        // A second run makes nothing twice.
        let second = try await run(
            arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5], "--json")
        #expect(
            (try second.json["counts"] as? [String: Int]) == ["imported": 0, "present": 2, "rejected": 1])
        #expect(try await stored().count == 2)
    }

    /// As Slack's response lies in what Nango keeps: the user's grant beside the bot's.
    private static func slack(token: String = "secret-1", user: String) -> String {
        #"""
        {"provider_config_key": "slack", "connection_id": "1", "credentials": {"type": "OAUTH2", \#
        "access_token": "\#(token)", "refresh_token": "secret-2", "expires_at": "2024-03-08T12:00:00.5Z", \#
        "raw": {"ok": true, "access_token": "secret-1", "token_type": "bot", "expires_in": 43200, \#
        "scope": "chat:write", "team": {"id": "T1"}, "authed_user": {"id": "U1"\#(user)}}}}

        """#
    }

    @Test(arguments: [
        ("secret-1", #","access_token":"secret-3","scope":"search:read,users:read""#, nil),
        ("secret-1", #","access_token":"secret-3","expires_in":21600"#, "2024-03-08T06:00:00Z"),
        // Another token than the response's: it was refreshed since, and when that one was issued is not known.
        ("secret-9", #","access_token":"secret-3","expires_in":21600"#, "1970-01-01T00:00:00Z"),
        ("secret-1", "", ""), ("secret-1", #","access_token":"secret-1""#, ""),
        ("secret-1", #","access_token":"""#, ""), ("secret-1", #","access_token":["secret-3"]"#, ""),
    ])
    func `the second grant in the response that Nango keeps moves, too`(
        _ token: String, _ user: String, _ end: String?
    ) async throws {
        try folder.write(Self.slack(token: token, user: user), to: "nango.jsonl")
        let run = try await CommandRun(
            [
                "connections", "import", "nango.jsonl", "--store", "sqlite:store.sqlite", "--keyring",
                "connections.keyring", "--workspace", "wsp_1", "--format", "nango",
            ],
            environment: [
                "SYMBOLON_INTEGRATIONS_SLACK_CLIENT_ID": "client",
                "SYMBOLON_INTEGRATIONS_SLACK_CLIENT_SECRET": "client-secret",
            ], in: folder)
        #expect(run.status == 0, "\(run.everything)")
        let id = try #require(try await stored().first?.id)
        let row = try #require(try await store.store.credentials(of: id, workspaceID: "wsp_1"))
        let opened = try StoreSamples.sealer(key).open(
            row.credentials, at: CredentialLocation(workspaceID: "wsp_1", connectionID: id))
        #expect((opened.accessToken, opened.refreshToken) == (token, "secret-2"))
        guard end != "" else {
            #expect(opened.second == nil)
            return
        }
        let second = try #require(opened.second)
        #expect(second.accessToken == "secret-3" && second.refreshToken == nil)
        #expect(second.expiresAt?.rfc3339 == end)
        if end == nil { #expect(second.scope == "search:read users:read") }
    }

    @Test(arguments: [
        "", "[]", "{}", "not JSON", #"{"connection_id": "1", "credentials": {"type": "OAUTH2"}}"#,
        #"{"provider_config_key": "sandbox", "connection_id": "1"}"#,
        #"{"provider_config_key": "sandbox", "connection_id": "1", "credentials": "secret-1"}"#,
        #"{"provider_config_key": "sandbox", "connection_id": "1", "credentials": {"access_token": "secret-1"}}"#,
        #"{"error": {"code": "not_found", "message": "Connection does not exist"}}"#,
    ])
    func `what is not a connection of Nango's is rejected by its line`(_ line: String) async throws {
        try folder.write("\(line)\n", to: "nango.jsonl")
        let run = try await run("--format", "nango")
        if line.isEmpty {
            #expect(run.status == 0 && run.output.contains("0 imported"))
        } else {
            #expect(
                run.status == 1 && run.output.contains("line 1: it is not a connection"), "\(run.everything)")
        }
        #expect(try await stored().isEmpty)
    }

    @Test(arguments: [
        (#""access_token": """#, "credentials.access_token"),
        (#""access_token": "secret-1", "expires_at": "2024-03-08T09:43:03.7x5Z""#, "credentials.expires_at"),
        (#""access_token": "secret-1", "expires_at": "tomorrow""#, "credentials.expires_at"),
        (#""access_token": "secret-1", "expires_at": 1709890983"#, "credentials.expires_at"),
        (#""access_token": ["secret-1"]"#, "credentials.access_token"),
    ])
    func `credentials that make no sense are rejected with the member's name`(
        _ members: String, _ expected: String
    ) async throws {
        try folder.write(
            #"""
            {"provider_config_key": "sandbox", "connection_id": "1", "credentials": {"type": "OAUTH2", \#(members)}}

            """#, to: "nango.jsonl")
        let run = try await run("--format", "nango")
        #expect(run.status == 1 && run.output.contains(expected), "\(run.everything)")
        #expect(try await stored().isEmpty)
    }

    @Test func `an integration that has another name here has to be named`() async throws {
        try folder.write(
            #"""
            {"provider_config_key": "mail", "connection_id": "1", "credentials": {"type": "OAUTH2", "access_token": "secret-1"}}

            """#, to: "nango.jsonl")
        let unnamed = try await run("--format", "nango")
        #expect(unnamed.status == 1 && unnamed.output.contains("no integration"), "\(unnamed.everything)")
        #expect(try await run("--format", "nango", "--integration", "mail=sandbox").status == 0)
        for arguments in [
            ["--format", "nango", "--integration", "mail"], ["--format", "nango", "--parameter", "=x"],
            ["--format", "jsonl", "--integration", "mail=sandbox"], ["--parameter", "a=b"],
        ] {
            let wrong = try await CommandRun(
                ["connections", "import", "nango.jsonl", "--store", "sqlite:store.sqlite"] + arguments,
                in: folder)
            #expect(wrong.status == 2, "\(wrong.everything)")
        }
    }
}
