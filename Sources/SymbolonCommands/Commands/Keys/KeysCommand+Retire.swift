import ArgumentParser
import Keyrings
import StateTokens

extension KeysCommand {
    /// `symbolon keys retire`
    struct Retire: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retire",
            abstract: "Keeps a key from sealing. What it sealed still opens.",
            discussion: """
                For a key of connections.keyring, so that its rows are sealed again under another and it can \
                go; and for a rotation that is to be called off before its key begins to seal. Another key's \
                time must have come: rotate first. A key that others may know is disabled, not retired.

                EXAMPLES
                  symbolon keys retire 1f3a9c02 --keyring keys/connections.keyring
                """)

        @Argument(help: "The id of the key, as `symbolon keys list` shows it.")
        var id: KeyID

        @OptionGroup var change: KeyringChangeOptions
        @OptionGroup var output: OutputOptions

        func run() throws(CommandError) {
            let change = try KeyringChange(change) { ring, now throws(KeyringChangeError) in
                try ring.retired(id, at: now)
            }
            let report = KeyringChangeReport(change: change, participle: "retired", ids: [id])
            let isConnections = change.after.purpose == .connections
            try report.print(
                output,
                nextStep: isConnections
                    ? "Then run `symbolon connections reseal`."
                    : "`symbolon keys list` says from when it may go.")
        }
    }
}
