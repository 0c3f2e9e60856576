import TestSupport
import Testing

@Suite("Help") struct HelpTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(arguments: [
        [], ["keys"], ["keys", "generate"], ["keys", "list"], ["api-keys"], ["api-keys", "create"],
        ["api-keys", "list"], ["api-keys", "revoke"], ["state"], ["state", "inspect"], ["version"],
        ["keys", "rotate"], ["keys", "retire"], ["keys", "disable"], ["keys", "prune"], ["keys", "check"],
        ["keys", "export"], ["keys", "import"], ["connections"], ["connections", "reseal"],
        ["deployment"], ["deployment", "list"], ["deployment", "show"],
        ["connections", "list"], ["connections", "show"], ["connections", "export"], ["integrations"],
        ["integrations", "list"], ["integrations", "show"], ["integrations", "validate"],
        ["integrations", "test"], ["integrations", "try"], ["doctor"], ["config"], ["config", "check"],
        ["serve"], ["upgrade"],
        ["upgrade", "check"], ["webhooks"], ["webhooks", "list"], ["webhooks", "replay"],
        ["webhooks", "drop"], ["webhooks", "test"], ["store"], ["store", "migrate"], ["store", "backup"],
        ["store", "verify"], ["integrations", "new"], ["connections", "import"], ["connections", "revoke"],
    ]) func `every command teaches with examples that can be copied`(_ command: [String]) async throws {
        let run = try await CommandRun(command + ["--help"], in: folder)
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        #expect(run.output.contains("EXAMPLES\n"))
        let full = (["symbolon"] + command).joined(separator: " ")
        #expect(run.output.contains("  \(full)"), "an example of \(full)")
        // A line that was wrapped would begin at the margin; one that ends with `\` goes on.
        let examples = run.output.split(separator: "EXAMPLES\n")[1].split(separator: "\n\n")[0]
        var continues = false
        for line in examples.split(separator: "\n") {
            #expect(line.hasPrefix(continues ? "    " : "  "), "\(line)")
            #expect(line.count <= 80, "\(line)")
            continues = line.hasSuffix("\\")
        }
        #expect(!continues)
    }

    @Test func `the root's help says what the exit statuses mean`() async throws {
        let run = try await folder.symbolon("--help")
        #expect(run.output.contains("EXIT STATUS"))
        #expect(run.output.contains("2 wrong usage"))
    }

    @Test(arguments: [
        [], ["keys"], ["api-keys"], ["state"], ["connections"], ["deployment"], ["integrations"], ["config"],
        ["upgrade"],
    ])
    func `a command without its subcommand shows the help`(_ command: [String]) async throws {
        let run = try await CommandRun(command, in: folder)
        #expect(run.status == 0)
        #expect(run.output.contains("SUBCOMMANDS:"))
    }
}
