import Foundation
import TestSupport
import Testing

/// What is wrong in a file that holds secrets is said by its place; no message repeats the text.
@Suite("Secrets in files") struct SecretInFileTests {
    private static let secret = "Kanarie-0815-Zx"
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// `config check`, `doctor` and `serve`, each with its own way to say what is wrong.
    private func runs(_ configuration: String, environment: [String: String] = [:]) async throws
        -> [CommandRun]
    {
        try folder.write(configuration, to: "symbolon.yaml")
        var runs: [CommandRun] = []
        for arguments in [
            ["config", "check"], ["config", "check", "--json"], ["doctor", "--offline"],
            ["doctor", "--offline", "--json"], ["serve", "--port", "0"], ["integrations", "list"],
        ] {
            runs.append(
                try await CommandRun(
                    arguments + ["--config", "symbolon.yaml"], environment: environment, in: folder))
        }
        return runs
    }

    private static let production = """
        public_url: https://a.example
        keyrings: {state: state.keyring, connections: connections.keyring}
        credentials: {api_keys: api-keys.json}
        store: sqlite:symbolon.sqlite
        workspaces: workspaces.yaml
        """

    /// The files beside the workspaces that `production` names.
    private func makeKeys() async throws {
        for purpose in ["state", "connections"] {
            let run = try await folder.symbolon("keys", "generate", "--keyring", "\(purpose).keyring")
            #expect(run.status == 0)
        }
        let key = try await folder.symbolon(
            "api-keys", "create", "--file", "api-keys.json", "--workspace", "wsp_1")
        #expect(key.status == 0)
    }

    static let brokenFiles = [
        "integrations:\n  gmail:\n    client_secret: @\(secret)\n",
        "integrations: {gmail: {client_secret: `\(secret)}}",
        "integrations:\n  gmail:\n    client_secret: *\(secret)\n",
        "integrations: {gmail: {client_secret: %\(secret)}}",
        "integrations:\n  gmail:\n    client_secret: \"\(secret)\n",
        "integrations: {gmail: {client_secret: '\(secret)}}",
        "integrations:\n  gmail:\n    client_secret: \(secret): x: y\n", "\tclient_secret: \(secret)\n",
        "integrations:\n  gmail:\n    client_secret: \"\\q\(secret)\"\n",
        "integrations:\n  gmail:\n    client_secret: !<tag \(secret)\n", "client_secret: \(secret)\n- x\n",
        "integrations: {gmail: {client_secret: [\(secret)}}",
        "a: 1\na: \(secret)\n\(secret): 1\n\(secret): 2\n",
        "integrations: {gmail: {client_secret:\(secret)}}", "integrations: {gmail: {\(secret)}}",
        "integrations: {gmail: client_secret=\(secret)}",
        "integrations: {gmail: {client_secret: {\(secret): a}}}",
        "integrations: {gmail: {client_secret: {a: {\(secret): a}}}}",
        "integrations: {gmail: {client_secret: [\(secret)]}}", "- \(secret)\n", "\(secret)",
        "store: {\(secret): postgresql://u:\(secret)@h/d}", "integrations: {\(secret): {client_id: a}}",
        "integrations: {gmail: {client_id: a, client_secret_file: \(secret)}}",
        "integrations: {gmail: {client_id: a, client_secret: \(secret), client_secret_file: \(secret)}}",
        "? [\(secret)]\n: 1\n", "--- {}\n--- {client_secret: \(secret)}\n",
        "store: postgresql://u:\(secret)@h/d\nx: 1\n",
    ]

    @Test(arguments: brokenFiles) func `S23 a mistake in the configuration repeats nothing of the text`(
        _ text: String
    ) async throws {
        for run in try await runs(text) {
            #expect(run.status != 0)
            #expect(!run.everything.contains(Self.secret), "\(run.everything)")
        }
    }

    @Test func `S23 what stands in braces in place of a secret is not repeated, though it looks like a name`()
        async throws
    {
        for run in try await runs("integrations: {gmail: {client_secret: {correct-horse: }}}") {
            #expect(run.status == 3)
            #expect(run.everything.contains("unknown setting `integrations.gmail.client_secret.…`"))
            #expect(!run.everything.contains("correct-horse"), "\(run.everything)")
        }
    }

    @Test func `what is nested too deeply is so in our words`() async throws {
        for run in try await runs("a: " + String(repeating: "[", count: 5_000)) {
            #expect(run.status == 3)
            #expect(run.everything.contains("nested too deeply; write it flatter"))
            #expect(!run.everything.contains("yaml_"), "\(run.everything)")
        }
    }

    @Test func `S23 a mistake in YAML is named by line, column and problem`() async throws {
        for run in try await runs(
            "public_url: https://a.example\nintegrations:\n  gmail:\n    client_secret: @\(Self.secret)\n")
        {
            #expect(run.status == 3)
            #expect(
                run.everything.contains(
                    "symbolon.yaml:4:20: this is not YAML: found character that cannot start"),
                "\(run.everything)")
        }
    }

    @Test(arguments: [
        ("!\(secret) x", "a tag that nothing reads"), ("!\(secret)", "a tag that nothing reads"),
        ("! \(secret)", "a tag that nothing reads"), ("!!binary \(secret)", "a tag that nothing reads"),
        ("&\(secret) x", "an anchor that no alias refers to"),
        ("&\(secret)", "an anchor that no alias refers to"),
    ])
    func `S23 a secret that begins like a tag or an anchor is not cut`(
        _ value: String, _ problem: String
    ) async throws {
        for run in try await runs("integrations:\n  github:\n    client_secret: \(value)\n") {
            #expect(run.status == 3)
            #expect(run.everything.contains("symbolon.yaml:3:"), "\(run.everything)")
            #expect(run.everything.contains(problem) && !run.everything.contains(Self.secret))
        }
    }

    @Test(arguments: [
        "!!str \(secret)", "\"!\(secret)\"", "'&\(secret)'", "!!str 1234567890",
        "&shared \(secret), client_id: *shared",
    ])
    func `a value in quotes, with a tag of YAML's own or an alias is read`(_ value: String) async throws {
        try folder.write(
            "integrations: {github: {scopes: [repo], client_secret: \(value)}}", to: "symbolon.yaml")
        let run = try await folder.symbolon(
            "config", "check", "--config", "symbolon.yaml",
            environment: value.contains("client_id") ? [:] : ["SYMBOLON_INTEGRATIONS_GITHUB_CLIENT_ID": "a"])
        #expect(run.status == 0, "\(run.everything)")
    }

    @Test(arguments: [
        "{\"keys\": [\"SECRET\"]}", "{\"keys\": [{\"id\": \"SECRET\"}]}", "{\"keys\": SECRET}", "SECRET",
        "{\"SECRET\": }",
        "{\"keys\": [{\"id\": \"a\", \"hash\": \"SECRET\", \"label\": \"\", \"workspaces\": [], \"permissions\": [], "
            + "\"created_at\": \"SECRET\", \"status\": \"SECRET\"}]}",
    ]) func `S23 no other file with secrets is repeated`(_ template: String) async throws {
        let json = template.replacing("SECRET", with: Self.secret)
        for name in [
            "state.keyring", "connections.keyring", "api-keys.json", "workspaces.yaml", "catalog.yaml",
        ] {
            try folder.write(json, to: name)
            try folder.setMode(0o600, of: name)
        }
        for configuration in [
            Self.production, "catalog: [catalog.yaml]", "credentials: {jwt: {jwks: api-keys.json}}",
        ] {
            for run in try await runs(configuration) {
                #expect(!run.everything.contains(Self.secret), "\(run.everything)")
            }
        }
        let good = try await folder.symbolon(
            "keys", "generate", "--purpose", "state", "--keyring", "good.keyring")
        #expect(good.status == 0)
        try folder.write(
            Self.production.replacing("state.keyring", with: "good.keyring"), to: "symbolon.yaml")
        for run in try await runs(
            Self.production.replacing("state: state.keyring", with: "state: good.keyring"))
        {
            #expect(!run.everything.contains(Self.secret), "\(run.everything)")
        }
    }

    @Test(arguments: [
        "workspaces: {wsp_1: @SECRET", "workspaces: {SECRET: {redirect_uris: x}}",
        "workspaces: {wsp_1:SECRET}",
        "workspaces: {wsp_1: {redirect_uris: [SECRET]}}",
        "workspaces: {wsp_1: {redirect_uris: [], SECRET: 1}}",
        "workspaces: {wsp_1: {redirect_uris: [], client_secret: SECRET}}", "SECRET",
        "workspaces: {'SECRET ': 1}",
        "workspaces: {wsp_1: {redirect_uris: [], confirm: SECRET}}",
        "workspaces: {wsp_1: {redirect_uris: SECRET}}",
    ]) func `S23 a file of workspaces is not repeated`(_ template: String) async throws {
        try folder.write(template.replacing("SECRET", with: Self.secret), to: "workspaces.yaml")
        try await makeKeys()
        for run in try await runs(Self.production) where run.status != 0 {
            #expect(!run.everything.contains(Self.secret), "\(run.everything)")
            #expect(run.everything.contains("workspaces.yaml:"))
        }
    }

    @Test(arguments: [
        "integrations: {acme: {client_secret:SECRET}}", "integrations: {acme: {client_secret: @SECRET}}",
        "integrations: {acme: {client_secret: SECRET}}", "integrations: {acme: {SECRET}}",
        "integrations: {acme: {inherits: SECRET}}", "integrations: {SECRET: {pkce: x}}", "SECRET: 1",
        "integrations: {acme: {a: 1, a: SECRET}}", "integrations: {acme: {SECRET: 1, SECRET: 2}}",
        "integrations: {acme: {authorization: {parameters: {client_secret:SECRET}}}}",
    ]) func `S23 a catalog file is not repeated where it holds no name`(_ template: String) async throws {
        try folder.write(template.replacing("SECRET", with: Self.secret), to: "catalog.yaml")
        for arguments in [["catalog.yaml"], ["catalog.yaml", "--json"]] {
            let run = try await CommandRun(["integrations", "validate"] + arguments, in: folder)
            #expect(run.status == 3)
            #expect(!run.everything.contains(Self.secret), "\(run.everything)")
        }
    }

    @Test(arguments: [
        "\"version\": 1, \"keys\": \"SECRET\"}", "[\"SECRET\"]\n", "'{\"material\": \"SECRET\"}'",
    ])
    func `S23 a keyring in a variable is not repeated as a path`(_ template: String) async throws {
        let text = template.replacing("SECRET", with: Self.secret)
        for run in try await runs("", environment: ["SYMBOLON_STATE_KEYRING": text]) {
            #expect(!run.everything.contains(Self.secret), "\(run.everything)")
        }
    }

    @Test(arguments: ["symbolon.yaml", "workspaces.yaml", "catalog.yaml"], [false, true])
    func `S28 a file that stands for a billion nodes costs nothing`(_ name: String, _ asKey: Bool)
        async throws
    {
        var bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
        for (name, earlier) in zip("bcdefghi", "abcdefgh") {
            bomb +=
                "\(name): &\(name) [\(Array(repeating: "*\(earlier)", count: 10).joined(separator: ", "))]\n"
        }
        if asKey { bomb += "? *i\n: 1\n" }
        try folder.write(bomb, to: "workspaces.yaml")
        try folder.write(bomb, to: "catalog.yaml")
        try await makeKeys()
        let configuration =
            [
                "symbolon.yaml": bomb, "workspaces.yaml": Self.production,
                "catalog.yaml": "catalog: [catalog.yaml]",
            ][name]
        let start = ContinuousClock.now
        for run in try await runs(try #require(configuration)) where run.status != 0 {
            #expect(run.status == 3, "\(run.everything)")
        }
        #expect(ContinuousClock.now - start < .seconds(20))
    }
}
