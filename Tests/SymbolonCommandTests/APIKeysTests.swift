import Access
import ConnectService
import Foundation
import StateTokens
import TestSupport
import Testing

@Suite("symbolon api-keys") struct APIKeysTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func create(_ more: String..., workspace: String = "wsp_1") async throws -> CommandRun {
        try await CommandRun(
            ["api-keys", "create", "--file", "keys.json", "--workspace", workspace] + more, in: folder)
    }

    private func keys() throws -> [APIKey] { try APIKeyFile.load(folder.path(of: "keys.json")) }

    private func principal(for text: String) throws -> Principal {
        try APIKeyTable(keys()).principal(for: text, at: .now())
    }

    @Test func `standard output gets the key and nothing else, and the key works`() async throws {
        let run = try await create("--label", "backend")
        #expect(run.status == 0)
        let text = String(run.output.dropLast())
        #expect(run.output.hasSuffix("\n") && text.hasPrefix("sym_") && text.count == 47)
        let principal = try principal(for: text)
        #expect(principal.workspaceIDs == ["wsp_1"])
        #expect(principal.permissions == [.initiate, .read, .credentials])
        #expect(run.errors.contains(principal.credentialID))
        #expect(run.errors.contains("never ends"))
        #expect(!run.errors.contains("sym_"))
        #expect(try keys().first?.label == "backend")
        #expect(try folder.fileNames == ["keys.json"])
        #expect(try folder.mode(of: "keys.json") == 0o600)
    }

    @Test func `S27 the file has the hash, and never the key`() async throws {
        let text = try await create().output.dropLast()
        let file = try folder.read("keys.json")
        #expect(file.contains("sha256:"))
        #expect(!file.contains(text) && !file.contains(text.dropFirst(4)))
    }

    @Test func `several workspaces and permissions can be given in both ways`() async throws {
        let run = try await create(
            "wsp_2", "--workspace", "wsp_3", "--permission", "admin", "read", "--permission", "initiate")
        let principal = try principal(for: String(run.output.dropLast()))
        #expect(principal.workspaceIDs == ["wsp_1", "wsp_2", "wsp_3"])
        #expect(principal.permissions == [.admin, .read, .initiate])
    }

    @Test(arguments: [("90d", 90 * 86_400), ("12h", 43_200), ("60", 60)] as [(String, Int64)])
    func `a key ends after a while`(_ text: String, _ seconds: Int64) async throws {
        let run = try await create("--expires-in", text)
        #expect(run.status == 0)
        let key = try #require(try keys().first)
        #expect(key.expiresAt == key.createdAt + .seconds(seconds))
    }

    @Test func `a key ends at a time`() async throws {
        let run = try await create("--expires-in", "2090-01-02T03:04:05Z", "--json")
        #expect(try run.json["expires_at"] as? String == "2090-01-02T03:04:05Z")
    }

    @Test func `JSON has the key and what it opens, and nothing is said beside it`() async throws {
        let run = try await create("--json")
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        let json = try run.json
        #expect(
            Set(json.keys) == [
                "file", "key", "id", "label", "workspaces", "permissions", "created_at", "expires_at",
                "status",
            ])
        #expect(json["permissions"] as? [String] == ["initiate", "read", "credentials"])
        #expect(json["expires_at"] is NSNull)
        _ = try principal(for: try #require(json["key"] as? String))
    }

    @Test(arguments: [0o640, 0o440, 0o600]) func `the mode of a file that is there is kept`(_ mode: Int)
        async throws
    {
        _ = try await create()
        try folder.setMode(mode, of: "keys.json")
        #expect(try await create().status == 0)
        #expect(try folder.mode(of: "keys.json") == mode)
        #expect(try keys().count == 2)
    }

    @Test func `a link stays a link`() async throws {
        try FileManager.default.createDirectory(
            atPath: folder.path(of: "real"), withIntermediateDirectories: true)
        try folder.write(#"{"keys":[]}"#, to: "real/keys.json")
        try FileManager.default.createSymbolicLink(
            atPath: folder.path(of: "keys.json"), withDestinationPath: "real/keys.json")
        #expect(try await create().status == 0)
        #expect(
            try FileManager.default.destinationOfSymbolicLink(atPath: folder.path(of: "keys.json"))
                == "real/keys.json")
        #expect(try APIKeyFile.load(folder.path(of: "real/keys.json")).count == 1)
    }

    @Test func `twenty at once lose nothing, and a reader always sees a whole file`() async throws {
        let folder = folder
        let texts = try await withThrowingTaskGroup(of: String?.self) { group in
            for number in 0..<20 {
                group.addTask {
                    let run = try await folder.symbolon(
                        "api-keys", "create", "--file", "keys.json", "--workspace", "wsp_\(number)")
                    #expect(run.status == 0)
                    return String(run.output.dropLast())
                }
                group.addTask {
                    guard FileManager.default.fileExists(atPath: folder.path(of: "keys.json")) else {
                        return nil
                    }
                    _ = try APIKeyFile.load(folder.path(of: "keys.json"))
                    return nil
                }
            }
            return try await group.reduce(into: []) { texts, text in texts += text.map { [$0] } ?? [] }
        }
        #expect(Set(texts).count == 20)
        for text in texts { #expect(try principal(for: text).workspaceIDs.count == 1) }
        #expect(try Set(keys().flatMap(\.workspaceIDs)).count == 20)
        #expect(try folder.fileNames == ["keys.json"])
    }

    @Test func `a key is limited to what is named, and the list says so`() async throws {
        let connection = "conn_AAAAAAAAAAAAAAAAAAAAAA"
        let run = try await create(
            "--integrations", "gmail", "slack", "--connections", connection, "--users", "Ada Lovelace",
            "--scopes", "openid", "--scopes", "email", "--json")
        #expect(run.status == 0, "\(run.everything)")
        let json = try run.json
        #expect(json["integrations"] as? [String] == ["gmail", "slack"])
        let limits = try #require(try keys().first?.reach.limits)
        #expect(
            limits
                == AccessLimits(
                    integrationIDs: ["gmail", "slack"], connectionIDs: [connection],
                    userIDs: ["Ada Lovelace"], scopes: ["openid", "email"]))
        let list = try await folder.symbolon("api-keys", "list", "--file", "keys.json")
        #expect(
            list.output.contains(
                "integrations=gmail,slack connections=\(connection) users=Ada Lovelace scopes=openid,email"),
            "\(list.output)")
        let people = try await create("--users", "usr_1")
        #expect(people.errors.contains("limited") && people.errors.contains("usr_1"))
    }

    @Test(arguments: [
        ["--connections", "x"], ["--scopes", "a b"], ["--integrations", ""], ["--users", "a\u{1}"],
        ["--users", "usr_1", "--permission", "operate"],
    ]) func `a limit that is none is wrong usage, and makes no key`(_ arguments: [String]) async throws {
        let run = try await CommandRun(
            ["api-keys", "create", "--file", "keys.json", "--workspace", "wsp_1"] + arguments, in: folder)
        #expect(run.status == 2, "\(run.everything)")
        #expect(try folder.fileNames.isEmpty)
    }

    @Test func `a key that nobody got is said to be revoked, without the key`() async throws {
        let run = try await CommandRun(
            ["api-keys", "create", "--file", "keys.json", "--workspace", "wsp_1"], output: "/dev/full",
            in: folder)
        #expect(run.status == 1)
        let id = try #require(try keys().first?.id)
        #expect(run.errors.contains("symbolon api-keys revoke \(id) --file keys.json"))
        #expect(!run.errors.contains("sym_"))
    }

    @Test(arguments: [
        "", "[]", "no JSON", #"{"keys":[{}]}"#,
        #"{"keys":[{"id":"key_1","hash":"md5:0","label":"","workspaces":[],"permissions":[],"#
            + #""created_at":"2026-01-01T00:00:00Z","status":"active"}]}"#,
    ]) func `a bad file is refused and left alone`(_ text: String) async throws {
        try folder.write(text, to: "keys.json")
        for run in [
            try await create(), try await folder.symbolon("api-keys", "list", "--file", "keys.json"),
            try await folder.symbolon("api-keys", "revoke", "key_1", "--file", "keys.json"),
        ] {
            #expect(run.status == 3)
            #expect(run.output.isEmpty)
            #expect(run.errors.hasPrefix("error: "))
        }
        #expect(try folder.read("keys.json") == text)
        #expect(try folder.fileNames == ["keys.json"])
    }

    @Test func `what cannot be a file is refused`() async throws {
        for path in [".", "missing/keys.json", "/dev/null"] {
            let run = try await folder.symbolon("api-keys", "create", "--file", path, "--workspace", "wsp_1")
            #expect(run.status == 3)
            #expect(run.output.isEmpty)
        }
        #expect(try folder.fileNames.isEmpty)
    }

    private func configure(_ credentials: String) throws {
        try folder.write(
            """
            public_url: https://connect.example.com
            keyrings: {state: state.keyring, connections: connections.keyring}
            credentials: \(credentials)
            store: sqlite:symbolon.sqlite
            workspaces: workspaces.yaml
            """, to: "symbolon.yaml")
    }

    @Test(arguments: [true, false])
    func `the configuration says which file, by name or from the environment`(_ isNamed: Bool) async throws {
        try configure("{api_keys: keys.json}")
        func run(_ arguments: String...) async throws -> CommandRun {
            try await CommandRun(
                ["api-keys"] + arguments + (isNamed ? ["--config", "symbolon.yaml"] : []),
                environment: isNamed ? [:] : ["SYMBOLON_CONFIG": "symbolon.yaml"], in: folder)
        }
        let made = try await run("create", "--workspace", "wsp_1")
        #expect(made.status == 0, "\(made.everything)")
        let id = try #require(try keys().first?.id)
        #expect(try await run("revoke", id).status == 0)
        #expect(try keys().first?.status == .revoked)
    }

    @Test func `development mode's file is the one that the server made`() async throws {
        try FileManager.default.createDirectory(
            atPath: folder.path(of: ".symbolon"), withIntermediateDirectories: false)
        let made = try await folder.symbolon("api-keys", "create", "--workspace", "wsp_development")
        #expect(made.status == 0 && made.errors.contains(".symbolon/api-keys.json"), "\(made.everything)")
    }

    @Test func `a configuration without such a file says what to give`() async throws {
        try configure("{jwt: {issuer: https://id.example.com, audience: symbolon, jwks: keys.jwks}}")
        let run = try await folder.symbolon("api-keys", "list", "--config", "symbolon.yaml")
        #expect(run.status == 3 && run.errors.contains("give --file"), "\(run.everything)")
        try folder.write("colour: red", to: "symbolon.yaml")
        #expect(try await folder.symbolon("api-keys", "list", "--config", "symbolon.yaml").status == 3)
        #expect(try await folder.symbolon("api-keys", "list").status == 2)
    }
}
