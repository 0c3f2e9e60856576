import TestSupport
import Testing

@Suite("Wrong usage") struct UsageTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: [
        ["frobnicate"], ["--frobnicate"], ["keys", "frobnicate"], ["keys", "generate"], ["keys", "list"],
        ["keys", "generate", "--keyring"],
        ["keys", "generate", "--keyring", "a.keyring"],
        ["keys", "generate", "--keyring", "."],
        ["keys", "generate", "--keyring", "a.keyring", "--purpose", "tickets"],
        ["keys", "generate", "--keyring", "state.keyring", "--purpose", "connections"],
        ["keys", "generate", "--keyring", "connections.keyring", "--purpose", "state"],
        ["keys", "generate", "--keyring", "state.keyring", "--max-lifetime", "0"],
        ["keys", "generate", "--keyring", "state.keyring", "--max-lifetime=-1"],
        ["keys", "generate", "--keyring", "state.keyring", "--max-lifetime", "2097152"],
        ["keys", "generate", "--keyring", "state.keyring", "--max-lifetime", "9223372036854775807d"],
        ["keys", "generate", "--keyring", "state.keyring", "--max-lifetime", "10x"],
        ["keys", "generate", "--keyring", "state.keyring", "--max-lifetime", ""],
        ["keys", "generate", "--keyring", "state.keyring", "--propagation=-1"],
        ["keys", "generate", "--keyring", "state.keyring", "--skew", "1.5"],
        ["keys", "generate", "--keyring", "state.keyring", "--material", "AAAA"],
        ["keys", "rotate"], ["keys", "rotate", "--keyring", "state.keyring", "--activates-at", "soon"],
        ["keys", "rotate", "--keyring", "state.keyring", "--activates-at", "2027-02-30T00:00:00Z"],
        ["keys", "rotate", "--keyring", "state.keyring", "--wait-timeout", "5"],
        [
            "keys", "rotate", "--keyring", "state.keyring", "--wait", "http://a.example", "--activates-at",
            "now",
        ],
        ["keys", "rotate", "--keyring", "state.keyring", "--lock-timeout=-1"],
        ["keys", "retire", "--keyring", "state.keyring"], ["keys", "retire", "1f3a9c02"],
        ["keys", "retire", "1F3A9C02", "--keyring", "state.keyring"],
        ["keys", "disable", "--keyring", "state.keyring"],
        ["keys", "disable", "x", "--keyring", "state.keyring"],
        ["keys", "prune", "--keyring", "connections.keyring", "--store", "symbolon.sqlite"],
        ["keys", "prune", "--keyring", "connections.keyring", "--store", "sqlite:"], ["keys", "check"],
        ["keys", "export", "--keyring", "state.keyring", "--out", "x"],
        ["keys", "export", "--keyring", "state.keyring", "--out", "x", "--format", "jwk"],
        ["keys", "import", "--keyring", "state.keyring", "--format", "tink"],
        [
            "connections", "reseal", "--keyring", "connections.keyring", "--store", "sqlite:a", "--batch",
            "0",
        ],
        ["connections", "export"], ["connections", "show"], ["connections", "show", "conn_x"],
        ["connections", "list", "--status", "sleeping"], ["integrations", "show"], ["integrations", "test"],
        ["integrations", "test", "gmail", "--timeout", "0"], ["doctor", "--timeout", "61"],
        ["api-keys", "create"], ["api-keys", "create", "--file", "a.json"],
        ["api-keys", "create", "--workspace", "wsp_1"],
        ["api-keys", "create", "--file", "a.json", "--workspace"],
        ["api-keys", "create", "--file", "a.json", "--workspace", ""],
        ["api-keys", "create", "--file", "a.json", "--workspace", "a b"],
        ["api-keys", "create", "--file", "a.json", "--workspace", "wsp_ö"],
        ["api-keys", "create", "--file", "a.json", "--workspace", "a", "--workspace", "a"],
        ["api-keys", "create", "--file", "a.json", "--workspace", String(repeating: "a", count: 129)],
        ["api-keys", "create", "--file", "a.json", "--workspace", "a", "--permission", "root"],
        ["api-keys", "create", "--file", "a.json", "--workspace", "a", "--label", "a\u{1b}[31m"],
        ["api-keys", "create", "--file", "a.json", "--workspace", "a", "--label", "a\nb"],
        ["api-keys", "create", "--file", "a.json", "--workspace", "a", "--expires-in", "soon"],
        ["api-keys", "create", "--file", "a.json", "--workspace", "a", "--expires-in", "0"],
        ["api-keys", "create", "--file", "a.json", "--workspace", "a", "--expires-in", "36501d"],
        [
            "api-keys", "create", "--file", "a.json", "--workspace", "a", "--expires-in",
            "2020-01-01T00:00:00Z",
        ],
        [
            "api-keys", "create", "--file", "a.json", "--workspace", "a", "--expires-in",
            "2027-02-30T00:00:00Z",
        ],
        [
            "api-keys", "create", "--file", "a.json", "--workspace", "a", "--expires-in",
            "9999-01-01T00:00:00Z",
        ],
        ["api-keys", "list"], ["api-keys", "revoke", "key_1"], ["api-keys", "revoke", "--file", "a.json"],
        ["state", "inspect", "AQ", "--keyring", "state.keyring"],
        ["state", "inspect", "AQ", "--public-url", "https://connect.example.com"],
        ["state", "inspect", "AQ", "--keyring", "state.keyring", "--public-url", "connect.example.com"],
        ["state", "inspect", "AQ", "--show-secrets"],
        ["state", "inspect", "AQ", "AR"],
    ]) func `a wrong command line exits with 2, says why, and does nothing`(_ arguments: [String])
        async throws
    {
        let run = try await CommandRun(arguments, in: folder)
        #expect(run.status == 2)
        #expect(run.output.isEmpty)
        #expect(run.errors.hasPrefix("error: "))
        #expect(try folder.fileNames.isEmpty)
    }

    @Test(arguments: [
        (["srve"], "symbolon serve"), (["keys", "rotat"], "symbolon keys rotate"),
        (["conections", "list"], "symbolon connections"),
    ]) func `a command that is misspelt is told what it may have been`(
        _ arguments: [String], _ likely: String
    )
        async throws
    {
        let run = try await CommandRun(arguments, in: folder)
        #expect(run.status == 2 && run.errors.contains("Did you mean `\(likely)`?"), "\(run.errors)")
        let far = try await folder.symbolon("xyzzyxyzzy")
        #expect(!far.errors.contains("Did you mean"))
    }

    @Test func `S23 a keyring where a file is meant is refused, and not said again`() async throws {
        _ = try await folder.symbolon("keys", "generate", "--keyring", "state.keyring")
        let text = try folder.read("state.keyring")
        let secrets = try KeyringSecrets(in: folder, "state.keyring")
        for arguments in [
            ["keys", "list", "--keyring", text], ["keys", "generate", "--keyring", text],
            ["keys", "rotate", "--keyring", text], ["keys", "check", "--keyring", text],
            ["keys", "export", "--format", "tink", "--out", "-", "--keyring", text],
            ["state", "inspect", "AQ", "--keyring", text, "--public-url", "https://connect.example.com"],
        ] {
            // A token that is malformed does not need the keyring.
            let run = try await CommandRun(arguments, in: folder)
            #expect(run.status == 2)
            #expect(!secrets.leak(in: run))
        }
    }
}
