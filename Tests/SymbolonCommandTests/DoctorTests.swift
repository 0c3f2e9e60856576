import Foundation
import Keyrings
import StateTokens
import TestSupport
import Testing

@testable import SymbolonCommands

@Suite("symbolon doctor") struct DoctorTests {
    let samples: RingSamples
    var folder: TemporaryFolder { samples.folder }

    init() throws { samples = try RingSamples() }

    /// A production deployment in which all is well.
    private func deploy(
        state: [Key]? = nil, provider: ProviderStub? = nil, _ more: String = ""
    ) async throws {
        if let state {
            try samples.write(state, purpose: .state)
        } else {
            try samples.write([RingSamples.key(1), RingSamples.key(2, activates: 600)], purpose: .state)
        }
        try samples.write([RingSamples.key(3)], purpose: .connections)
        let made = try await folder.symbolon(
            "api-keys", "create", "--file", "keys.json", "--workspace", "wsp_1")
        #expect(made.status == 0)
        try folder.write(
            "workspaces: {wsp_1: {redirect_uris: [\"https://app.example.com/done\"]}}", to: "workspaces.yaml")
        _ = try StoreSamples(in: folder)
        try folder.write(provider?.catalog() ?? "integrations: {}", to: "catalog.yaml")
        let client =
            provider == nil ? "" : "integrations: {local: {client_id: a, client_secret: canary-secret}}\n"
        try folder.write(
            """
            public_url: https://connect.example.com
            keyrings: {state: state.keyring, connections: connections.keyring}
            credentials: {api_keys: keys.json}
            store: sqlite:store.sqlite
            workspaces: workspaces.yaml
            catalog: [catalog.yaml]
            providers: {allow_insecure_loopback: true}
            \(client)\(more)
            """, to: "symbolon.yaml")
    }

    @Test func `secret files that others can read are pointed out, by doctor and by config check`()
        async throws
    {
        try await deploy()
        _ = try folder.write("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", to: "webhook-secret")
        try folder.write("hush", to: "gmail-secret")
        try folder.write(
            """
            workspaces:
              wsp_1:
                redirect_uris: ["https://app.example.com/done"]
                webhooks: [{url: "https://app.example.com/hook", secret_file: webhook-secret}]
            """, to: "workspaces.yaml")
        let more = "integrations: {gmail: {client_id: a, client_secret_file: gmail-secret}}\n"
        try folder.write(folder.read("symbolon.yaml") + more, to: "symbolon.yaml")
        for name in ["webhook-secret", "gmail-secret"] {
            for (mode, isOpen) in [(0o644, true), (0o640, false), (0o600, false)] {
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o600], ofItemAtPath: folder.path(of: "webhook-secret"))
                try FileManager.default.setAttributes(
                    [.posixPermissions: 0o600], ofItemAtPath: folder.path(of: "gmail-secret"))
                try FileManager.default.setAttributes(
                    [.posixPermissions: mode], ofItemAtPath: folder.path(of: name))
                let said = "\(name) has mode 0\(String(mode, radix: 8))"
                #expect(try await doctor("--offline").output.contains(said) == isOpen, "\(said)")
                let check = try await folder.symbolon("config", "check", "--config", "symbolon.yaml")
                #expect(check.status == 0 && check.errors.contains(said) == isOpen, "\(check.everything)")
            }
        }
    }

    @Test func `a configuration that is installed and not given is pointed out`() throws {
        #expect(DoctorCommand.overlooked(folder.path(of: "symbolon.yaml")) == nil)
        try folder.write("", to: "symbolon.yaml")
        let finding = try #require(DoctorCommand.overlooked(folder.path(of: "symbolon.yaml")))
        #expect(finding.verdict == .warning && finding.message.contains("did you mean --config"))
    }

    @Test
    func
        `a workspace that the workspaces file lacks is pointed out where a key is made, and refused in an import`()
        async throws
    {
        try await deploy()
        let made = try await folder.symbolon(
            "api-keys", "create", "--config", "symbolon.yaml", "--workspace", "wsp_1", "wsp_nope")
        #expect(made.status == 0)
        #expect(made.errors.contains("there is no workspace `wsp_nope`") && !made.errors.contains("`wsp_1`"))
        _ = try folder.write(
            #"{"integration": "local", "credentials": {"access_token": "a"}}"#, to: "moved.jsonl")
        let run = try await folder.symbolon(
            "connections", "import", "moved.jsonl", "--config", "symbolon.yaml", "--workspace", "wsp_typo",
            "--dry-run")
        #expect(run.status == 1, "\(run.everything)")
        #expect(run.everything.contains("there is no workspace `wsp_typo` in the workspaces file"))
    }

    private func doctor(_ more: String...) async throws -> CommandRun {
        let run = try await CommandRun(["doctor", "--config", "symbolon.yaml"] + more, in: folder)
        #expect(!run.everything.contains("canary"), "S23")
        return run
    }

    private func verdicts(_ run: CommandRun, _ topic: String) throws -> [String] {
        let findings = try #require(try run.json["findings"] as? [[String: Any]])
        return findings.filter { $0["topic"] as? String == topic }.compactMap { $0["verdict"] as? String }
    }

    @Test func `a deployment in which all is well gets a verdict a line and a 0`() async throws {
        let provider = try ProviderStub()
        try await deploy(provider: provider)
        let run = try await doctor("--json")
        #expect(run.status == 0, "\(run.everything)")
        #expect(try run.json["verdict"] as? String == "good")
        for topic in [
            "configuration", "state.keyring", "connections.keyring", "api-keys", "workspaces", "store",
            "clock",
        ] {
            #expect(try verdicts(run, topic) == ["good"], "\(topic)")
        }
        #expect(try verdicts(run, "local") == ["note", "good"])
        let text = try await doctor()
        #expect(text.output.contains("register https://connect.example.com/api/v1/oauth/callback/local"))
        #expect(text.output.contains("the next takes over in"))
        #expect(text.output.split(separator: "\n").allSatisfy { $0.first != " " })
    }

    @Test func `a bad configuration is all that is said, and exits with 3`() async throws {
        try folder.write("public_url: https://connect.example.com\ncolour: red\n", to: "symbolon.yaml")
        let run = try await doctor("--json")
        #expect(run.status == 3)
        #expect(try run.json["verdict"] as? String == "bad")
        #expect(try verdicts(run, "configuration").count == 2)
    }

    @Test func `a keyring that others can read is named with what to do`() async throws {
        try await deploy()
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644], ofItemAtPath: folder.path(of: "state.keyring"))
        let run = try await doctor("--offline")
        #expect(run.status == 3)
        #expect(run.output.contains("chmod 600"))
        #expect(run.errors.contains("1 thing is wrong"))
    }

    @Test func `keys that may go, and keys that nobody scheduled, are named`() async throws {
        try await deploy(state: [
            RingSamples.key(1, activates: -300_000), RingSamples.key(2, activates: -200_000),
            RingSamples.key(3),
        ])
        let run = try await doctor("--offline", "--json")
        #expect(run.status == 0)
        #expect(try verdicts(run, "state.keyring").contains("note"))
    }

    @Test func `a ring in which nothing seals exits with 1`() async throws {
        try await deploy(state: [RingSamples.key(1, status: .disabled)])
        let run = try await doctor("--offline", "--json")
        #expect(run.status == 1)
        #expect(try verdicts(run, "state.keyring") == ["bad"])
    }

    @Test func `rows under a key that the ring lacks are found`() async throws {
        try await deploy()
        try await StoreSamples(in: folder).insert(1, under: RingSamples.key(9))
        let run = try await doctor("--offline")
        #expect(run.status == 1)
        #expect(run.output.contains("00000009"))
    }

    @Test func `a store that is not there yet is no fault, and is not made`() async throws {
        try await deploy()
        try FileManager.default.removeItem(atPath: folder.path(of: "store.sqlite"))
        let run = try await doctor("--offline", "--json")
        #expect(run.status == 0)
        #expect(try verdicts(run, "store") == ["warning"])
        #expect(try run.json["verdict"] as? String == "warning")
        #expect(try !folder.fileNames.contains("store.sqlite"))
    }

    @Test func `a store whose tables are of another version is named, and stays as it is`() async throws {
        try await deploy()
        try folder.write("", to: "store.sqlite")
        let run = try await doctor("--offline", "--json")
        #expect(run.status == 0)
        #expect(try verdicts(run, "store") == ["warning"])
        #expect(run.output.contains("symbolon store migrate"))
        #expect(try Data(contentsOf: URL(filePath: folder.path(of: "store.sqlite"))).isEmpty)
    }

    @Test func `a store that is no database exits with what it is`() async throws {
        try await deploy()
        try folder.write(
            "not a database, and longer than its header has to be".padding(
                toLength: 4096, withPad: "x", startingAt: 0), to: "store.sqlite")
        let run = try await doctor("--offline", "--json")
        #expect([3, 4].contains(run.status))
        #expect(try verdicts(run, "store") == ["bad"])
    }

    @Test func `keys that nobody can use any more are found`() async throws {
        try await deploy()
        let keys = try await folder.symbolon("api-keys", "list", "--file", "keys.json", "--json")
        let id = try #require((try keys.json["keys"] as? [[String: Any]])?.first?["id"] as? String)
        _ = try await folder.symbolon("api-keys", "revoke", id, "--file", "keys.json")
        let run = try await doctor("--offline", "--json")
        #expect(run.status == 3)
        #expect(try verdicts(run, "api-keys") == ["bad"])
    }

    @Test(arguments: [(-30.0, "warning", Int32(0)), (30, "warning", 0), (-600, "bad", 1), (600, "bad", 1)])
    func `the clock is compared with the providers'`(_ offset: Double, _ verdict: String, _ status: Int32)
        async throws
    {
        let provider = try ProviderStub(clockOffset: offset)
        try await deploy(provider: provider)
        let run = try await doctor("--json")
        #expect(run.status == status, "\(run.everything)")
        #expect(try verdicts(run, "clock") == [verdict])
        #expect(run.output.contains(offset < 0 ? "ahead of" : "behind"))
    }

    @Test func `without a provider that tells the time the clock is unknown`() async throws {
        let provider = try ProviderStub(clockOffset: nil)
        try await deploy(provider: provider)
        let run = try await doctor("--json")
        #expect(run.status == 0)
        #expect(try verdicts(run, "clock") == ["unknown"])
        #expect(try verdicts(try await doctor("--offline", "--json"), "clock") == ["unknown"])
    }

    @Test func `a provider that does not answer costs the time-out once, and exits with 4`() async throws {
        let silent = try ProviderStub(isSilent: true)
        try await deploy(provider: silent)
        let start = ContinuousClock.now
        let run = try await doctor("--json", "--timeout", "1")
        #expect(run.status == 4)
        #expect(try verdicts(run, "local") == ["note", "bad"])
        #expect(start.duration(to: .now) < .seconds(10))
    }

    @Test func `a client that is half configured is named with what it lacks`() async throws {
        try await deploy(provider: nil, "integrations: {slack: {client_id: a}}")
        let run = try await doctor("--offline")
        #expect(run.status == 3)
        #expect(run.output.contains("integrations.slack.client_secret is missing"))
        #expect(run.output.contains("SYMBOLON_INTEGRATIONS_SLACK_CLIENT_SECRET"))
    }

    @Test(arguments: [
        ("client_id", "client_id: …"), ("client_secret", "client_id: a, client_secret: canary…"),
    ])
    func `what documentation cuts short is no client, and is not repeated`(
        _ setting: String, _ client: String
    ) async throws {
        try await deploy(provider: nil, "integrations: {slack: {\(client)}}")
        let check = try await CommandRun(["config", "check", "--config", "symbolon.yaml"], in: folder)
        for run in [try await doctor("--offline"), check] {
            #expect(run.status == 3)
            #expect(run.everything.contains("integrations.slack.\(setting) is cut short or masked"))
            #expect(!run.everything.contains("canary"), "S23")
        }
    }

    @Test func `a placeholder is warned of, and not repeated`() async throws {
        try await deploy(
            provider: nil, "integrations: {slack: {client_id: a, client_secret: your-canary-secret}}")
        let said = "integrations.slack.client_secret looks like a placeholder"
        let run = try await doctor("--offline", "--json")
        #expect(run.status == 0 && run.output.contains(said))
        #expect(try verdicts(run, "slack") == ["note", "warning"])
        let check = try await CommandRun(["config", "check", "--config", "symbolon.yaml"], in: folder)
        #expect(check.status == 0 && check.errors.contains("warning: slack: \(said)"))
        #expect(!check.everything.contains("canary"), "S23")
    }

    @Test func `a placeholder of a workspace's own client is found, too`() async throws {
        try await deploy()
        for (secret, status, said) in [
            ("…", Int32(3), "is cut short or masked"), ("<secret>", 0, "a placeholder"),
        ] {
            try folder.write(secret, to: "own-secret")
            try folder.write(
                """
                workspaces:
                  wsp_1:
                    redirect_uris: ["https://app.example.com/done"]
                    integrations: {slack: {client_id: a, client_secret_file: own-secret}}
                """, to: "workspaces.yaml")
            let run = try await doctor("--offline")
            #expect(run.status == status, "\(run.everything)")
            #expect(run.output.contains("workspaces.wsp_1.integrations.slack.client_secret_file"))
            #expect(run.output.contains(said))
        }
    }

    @Test func `in an empty folder it says what the first start makes, and makes nothing`() async throws {
        let fresh = try TemporaryFolder()
        let run = try await fresh.symbolon("doctor", "--offline")
        #expect(run.status == 0, "\(run.everything)")
        #expect(run.output.contains("`symbolon serve` makes them"))
        #expect(try fresh.fileNames.isEmpty)
    }
}
