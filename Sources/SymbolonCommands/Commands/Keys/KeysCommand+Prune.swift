import ArgumentParser
import Connections
import Keyrings
import StateTokens

extension KeysCommand {
    /// `symbolon keys prune`
    struct Prune: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prune",
            abstract: "Remove keys that nothing needs any more.",
            discussion: """
                A state key may be pruned a day after the last of its states has expired: `symbolon keys \
                list` shows when. --force skips that day. A connections key may be pruned when it has \
                stopped sealing on every replica and no row needs it: give --config or --store, so that \
                the rows can be checked. Without ids, all such keys are pruned.

                EXAMPLES
                  symbolon keys prune --keyring keys/state.keyring
                  symbolon keys prune --keyring keys/connections.keyring --config symbolon.yaml
                  symbolon keys prune 1f3a9c02 --keyring keys/connections.keyring \\
                    --store sqlite:/var/lib/symbolon/symbolon.sqlite
                """)

        @Argument(help: "The ids of the keys (default: all that may be pruned).", transform: KeyID.parse)
        var ids: [KeyID] = []

        @OptionGroup var change: KeyringChangeOptions

        @OptionGroup var rows: StoreOptions

        @Flag(help: "Skip a state key's day of grace, or the check of the rows.")
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
