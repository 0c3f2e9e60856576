import ArgumentParser
import StateTokens

extension KeysCommand {
    /// `symbolon keys list`
    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List a keyring's keys, their states, and when each may be pruned.",
            discussion: """
                A key is unscheduled (published, no start time yet), next (scheduled), sealing, opening \
                (superseded, still opens), retired (opens, never seals), disabled (does neither) or \
                prunable (nothing that it sealed is still accepted). Replicas with the same digest have \
                the same keys. Key material is never shown.

                EXAMPLES
                  symbolon keys list --keyring keys/state.keyring
                  symbolon keys list --keyring keys/state.keyring --json \\
                    | jq -r .digest
                """)

        @Option(help: .init("The keyring, or a folder that contains one.", valueName: "file"))
        var keyring: String

        @OptionGroup var output: OutputOptions

        func run() throws(CommandError) {
            let loaded = try LoadedKeyring(keyring)
            let report = KeyringReport(keyring: loaded.keyring, path: loaded.path, now: .now())
            guard !output.json else { return try Console.print(octets: report.json) }
            try Console.print(report.text())
            if report.sealingKey == nil {
                Console.warn("no key is enabled, so nothing can be sealed: run `symbolon keys rotate`")
            }
        }
    }
}
