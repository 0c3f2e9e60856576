import ArgumentParser
import Keyrings
import StateTokens

extension KeysCommand {
    /// `symbolon keys retire`
    struct Retire: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retire",
            abstract: "Stop a key from sealing. What it sealed still opens.",
            discussion: """
                Retire a key of connections.keyring before its rows are resealed under another, or to \
                cancel a rotation before the new key begins to seal. Another key must be able to seal: \
                rotate first. Disable a compromised key instead.

                EXAMPLES
                  symbolon keys retire 1f3a9c02 --keyring keys/connections.keyring
                """)

        @Argument(help: "The id of the key, as `symbolon keys list` shows it.", transform: KeyID.parse)
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
