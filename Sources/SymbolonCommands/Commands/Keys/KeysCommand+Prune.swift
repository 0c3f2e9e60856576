import ArgumentParser
import Connections
import Keyrings
import StateTokens

extension KeysCommand {
    /// `symbolon keys prune`
    struct Prune: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prune",
            abstract: "Takes keys out of the ring that nothing needs any more.",
            discussion: """
                A state key may go a day after the last of its states has expired: `symbolon keys list` says \
                when. --force gives up that day. A connections key may go when it has stopped sealing on \
                every replica, and no row names it: --config or --store says where the rows are. Without ids, all keys go \
                that may.

                EXAMPLES
                  symbolon keys prune --keyring keys/state.keyring
                  symbolon keys prune --keyring keys/connections.keyring --config symbolon.yaml
                  symbolon keys prune 1f3a9c02 --keyring keys/connections.keyring \\
                    --store sqlite:/var/lib/symbolon/symbolon.sqlite
                """)

        @Argument(help: "The ids of the keys (default: all that may go).")
        var ids: [KeyID] = []

        @OptionGroup var change: KeyringChangeOptions

        @OptionGroup var rows: StoreOptions

        @Flag(help: "Give up a state key's day of grace, or rows that were not looked at.")
        var force = false

        @OptionGroup var output: OutputOptions

        func run() async throws {
            let keys = try await rows.keysInUse()
            let change = try KeyringChange(change) { ring, now throws(KeyringChangeError) in
                try ring.pruned(
                    ids.isEmpty ? nil : ids, at: now, rowsName: keys?.ids,
                    unreadableRowCount: keys?.unreadableCount ?? 0, isForced: force)
            }
            let gone = Set(change.before.keys.map(\.id)).subtracting(change.after.keys.map(\.id))
            try KeyringChangeReport(change: change, participle: "pruned", ids: gone.sorted()).print(
                output, nextStep: "A backup with the old file still has the keys in it.")
        }
    }
}
