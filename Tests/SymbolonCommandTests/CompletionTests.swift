import Foundation
import TestSupport
import Testing

@Suite("Shell completion") struct CompletionTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// What bash offers after a command line.
    private func offers(_ words: [String]) async throws -> [String] {
        let script = try await folder.symbolon("--generate-completion-script", "bash")
        try #require(script.status == 0)
        try folder.write(script.output, to: "completion.bash")
        let line = words.map { "'\($0)'" }.joined(separator: " ")
        try folder.write(
            """
            source completion.bash
            function_name=$(complete -p symbolon | sed 's/.*-F \\([^ ]*\\).*/\\1/')
            COMP_WORDS=(\(line)); COMP_CWORD=\(words.count - 1)
            COMP_LINE="${COMP_WORDS[*]}"; COMP_POINT=${#COMP_LINE}
            "$function_name" symbolon "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            printf '%s\\n' "${COMPREPLY[@]}"
            """, to: "ask.bash")
        let programs = URL(filePath: try SymbolonBinary.path()).deletingLastPathComponent().path()
        let run = try await ProgramRun(
            "/bin/bash", ["--noprofile", "--norc", "ask.bash"],
            environment: ["PATH": "\(programs):/usr/bin:/bin"], in: folder.url)
        return run.output.split(separator: "\n").map {
            $0.trimmingCharacters(in: .whitespaces)
        }
    }

    @Test func `bash completes commands, subcommands and options`() async throws {
        #expect(try await offers(["symbolon", "doc"]).contains("doctor"))
        let subcommands = try await offers(["symbolon", "integrations", ""])
        #expect(subcommands.contains("validate") && subcommands.contains("test"))
        #expect(try await offers(["symbolon", "doctor", "--off"]).contains("--offline"))
    }

    @Test(arguments: ["bash", "zsh", "fish"]) func `there is a script for every shell`(_ shell: String)
        async throws
    {
        let run = try await folder.symbolon("--generate-completion-script", shell)
        #expect(run.status == 0 && run.errors.isEmpty)
        #expect(run.output.contains("integrations"))
    }
}
