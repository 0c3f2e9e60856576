import Foundation
import TestSupport
import Testing

@testable import SymbolonCommands

/// What went wrong is said in words for people, with what to do.
@Suite("Messages") struct MessageTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Words of libraries that say nothing to an operator.
    private static func isRaw(_ text: String) -> Bool {
        ["NSCocoa", "NSPOSIX", "errno", "bind(", "Error Domain", "UserInfo", "IOError", "(descriptor"]
            .contains { text.contains($0) }
    }

    @Test func `a port that is taken is named, and with which setting to choose another`() async throws {
        let other = try ProviderStub()
        let run = try await folder.symbolon("serve", "--port", "\(other.port)")
        #expect(run.status == 4)
        #expect(run.errors.contains("port \(other.port) on 127.0.0.1 is taken"), "\(run.errors)")
        #expect(run.errors.contains("listen.port") && !Self.isRaw(run.errors))
        let metrics = try await folder.symbolon(
            "serve", "--port", "\(try LoopbackPort.free())",
            environment: ["SYMBOLON_METRICS_LISTEN_PORT": "\(other.port)"])
        #expect(metrics.status == 4)
        #expect(metrics.errors.contains("port \(other.port) on 127.0.0.1 is taken"), "\(metrics.errors)")
        #expect(metrics.errors.contains("metrics.listen.port") && !Self.isRaw(metrics.errors))
    }

    @Test(arguments: [
        ("192.0.2.1", "not an address of this machine"), ("no.such.invalid", "neither an address nor"),
    ])
    func `a host that is not ours is named`(_ host: String, _ said: String) async throws {
        let sentence = try #require(await ListenAddress(host: host, port: 0).obstacle("listen"))
        #expect(sentence.contains(said) && sentence.contains("listen.host") && !Self.isRaw(sentence))
        #expect(await ListenAddress(host: "127.0.0.1", port: 0).obstacle("listen") == nil)
    }

    @Test func `a file that is no database is said to be none`() async throws {
        try folder.write(String(repeating: "no database\n", count: 100), to: "notes.sqlite")
        let run = try await folder.symbolon("connections", "list", "--store", "sqlite:notes.sqlite")
        #expect(run.status == 3)
        #expect(run.errors.contains("the file is no SQLite database"), "\(run.errors)")
        #expect(!run.errors.contains("SQLite 26"))
    }

    @Test func `what the file system refuses is said without the library's words`() async throws {
        try folder.write("in the way", to: ".symbolon")
        let run = try await folder.symbolon("serve", "--port", "\(try LoopbackPort.free())")
        #expect(run.status != 0)
        #expect(run.errors.contains(".symbolon") && !Self.isRaw(run.errors), "\(run.errors)")
    }

    @Test(arguments: [
        ("listen: 8080", "`listen` is no setting but a group", "`listen: {host: …}`"),
        ("listen.port: 8080", "`listen.port` is no setting", "`listen: {port: …}`"),
        ("metrics: 9090", "`metrics` is no setting but a group", "`metrics: {listen: {host: …}}`"),
        ("providers: [a]", "`providers` is no setting but a group", "`providers.timeout`"),
        ("integrations: {github: a}", "`integrations.github` is no setting but a group", "client_id"),
    ]) func `a value in place of a group is told what to write`(
        _ text: String, _ said: String, _ advice: String
    ) async throws {
        try folder.write(text, to: "symbolon.yaml")
        let run = try await folder.symbolon("config", "check", "--config", "symbolon.yaml")
        #expect(run.status == 3)
        #expect(run.errors.contains(said) && run.errors.contains(advice), "\(run.errors)")
    }

    @Test func `what production lacks is one sentence`() async throws {
        try folder.write("public_url: https://connect.example.com\nstore: sqlite:a", to: "symbolon.yaml")
        let run = try await folder.symbolon("config", "check", "--config", "symbolon.yaml")
        #expect(run.status == 3)
        let said =
            "Missing: keyrings.state (or SYMBOLON_KEYRINGS_STATE), keyrings.connections "
            + "(or SYMBOLON_KEYRINGS_CONNECTIONS), credentials.api_keys (or SYMBOLON_CREDENTIALS_API_KEYS), "
            + "workspaces (or SYMBOLON_WORKSPACES). Set none of them for development mode"
        #expect(run.everything.contains(said), "\(run.everything)")
        #expect(run.everything.components(separatedBy: "development mode").count == 2)
    }

    @Test func `a keyring of the other purpose is named by its setting and file`() async throws {
        _ = try await folder.symbolon("keys", "generate", "--keyring", "connections.keyring")
        try folder.write(
            """
            public_url: https://connect.example.com
            keyrings: {state: connections.keyring, connections: connections.keyring}
            credentials: {api_keys: keys.json}
            store: sqlite:store.sqlite
            workspaces: workspaces.yaml
            listen: {port: 0}
            """, to: "symbolon.yaml")
        let run = try await folder.symbolon("serve", "--config", "symbolon.yaml")
        #expect(run.status == 3)
        #expect(
            run.errors.contains(
                "keyrings.state: connections.keyring: this is a connections keyring; a state keyring is needed"
            ),
            "\(run.errors)")
    }

    static let begun = [
        "integrations: {github: {client_id: a}}", "integrations: {github: {client_secret: b}}",
        "integrations: {generic: {client_id: a, client_secret: b}}",
        "integrations: {generic: {client_id: a, client_secret: b, issuer: \"http://id.example\"}}",
        "integrations: {generic: {client_id: a, client_secret: b, token_endpoint: \"https://id.example/t\"}}",
        "integrations: {apple: {client_id: a, client_secret: b, key_id: c, key_issuer: d}}",
        "integrations: {github: {client_authentication: none}}",
    ]

    @Test(arguments: begun) func `config check finds bad what doctor finds bad`(_ text: String) async throws {
        try folder.write(text, to: "symbolon.yaml")
        let check = try await folder.symbolon("config", "check", "--config", "symbolon.yaml")
        let doctor = try await folder.symbolon("doctor", "--offline", "--config", "symbolon.yaml")
        #expect(doctor.status == 3 && check.status == 3, "\(check.everything)")
        #expect(!check.everything.contains("good"))
        let bad = doctor.output.split(separator: "\n").filter { $0.hasPrefix("BAD") }
        for line in bad {
            let sentence =
                line.split(separator: "  ", omittingEmptySubsequences: true).last.map(String.init) ?? ""
            #expect(check.errors.contains(sentence), "\(sentence)\n\(check.errors)")
        }
    }

    @Test(arguments: ["revoked", "nowhere"])
    func `config check and doctor agree about files, too`(_ fault: String) async throws {
        for purpose in ["state", "connections"] {
            let run = try await folder.symbolon("keys", "generate", "--keyring", "\(purpose).keyring")
            #expect(run.status == 0)
        }
        let made = try await folder.symbolon(
            "api-keys", "create", "--file", "api-keys.json", "--workspace", "wsp_1", "--json")
        if fault == "revoked" {
            let id = try #require(try made.json["id"] as? String)
            let run = try await folder.symbolon("api-keys", "revoke", id, "--file", "api-keys.json")
            #expect(run.status == 0, "\(run.everything)")
        }
        try folder.write(
            "workspaces: {wsp_1: {redirect_uris: [\"https://a.example/\"]}}", to: "workspaces.yaml")
        let store = fault == "nowhere" ? "nowhere/symbolon.sqlite" : "symbolon.sqlite"
        try folder.write(
            """
            public_url: https://a.example
            keyrings: {state: state.keyring, connections: connections.keyring}
            credentials: {api_keys: api-keys.json}
            store: sqlite:\(store)
            workspaces: workspaces.yaml
            """, to: "symbolon.yaml")
        for arguments in [["config", "check"], ["doctor", "--offline"]] {
            let run = try await CommandRun(arguments + ["--config", "symbolon.yaml"], in: folder)
            #expect(run.status == 3, "\(run.everything)")
            #expect(run.everything.contains(fault == "revoked" ? "no key of" : "there is no folder nowhere"))
        }
    }
}
