import ArgumentParser
import Connections
import Keyrings
import StateTokens

extension KeysCommand {
    /// `symbolon keys disable`
    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "disable",
            abstract: "Disable compromised keys immediately.",
            discussion: """
                Nothing that a disabled key sealed is accepted any more: pending flows end on a page that \
                asks the user to begin again. If no other key can seal, the next scheduled key or a new \
                one begins to seal in the same write. If the file itself leaked, disable all its keys.

                A key of connections.keyring cannot be disabled while rows need it, since their \
                credentials would be lost: rotate, retire and reseal first. Give --config or --store, so \
                that the rows can be checked; --force skips the check and gives them up.

                EXAMPLES
                  symbolon keys disable 1f3a9c02 --keyring keys/state.keyring
                  symbolon keys disable 1f3a9c02 --keyring keys/connections.keyring \\
                    --config symbolon.yaml
                  symbolon keys disable 1f3a9c02 --keyring keys/connections.keyring \\
                    --store sqlite:/var/lib/symbolon/symbolon.sqlite
                """)

        @Argument(
            help: "The ids of the keys, as `symbolon keys list` shows them.", transform: KeyID.parse)
        var ids: [KeyID]

        @OptionGroup var change: KeyringChangeOptions

        @OptionGroup var rows: StoreOptions

        @Flag(help: "Skip the check of the rows; those that need the key are lost.")
        var force = false

        @OptionGroup var output: OutputOptions

        func run() async throws {
            let keys = try await rows.keysInUse()
            let change = try KeyringChange(change) { ring, now throws(KeyringChangeError) in
                if ring.purpose == .connections { try check(ring, keys, at: now) }
                return try ring.disabled(ids, at: now)
            }
            let before = change.before.sealingKey(at: change.now)?.id
            let sealing = change.after.sealingKey(at: change.now)?.id
            try KeyringChangeReport(
                change: change, participle: "disabled", ids: ids, successor: sealing == before ? nil : sealing
            ).print(output, nextStep: "Until one has it, that replica still takes what the key seals.")
        }

        private func check(
            _ ring: Keyring, _ keys: KeysInUse?, at now: Timestamp
        ) throws(KeyringChangeError) {
            guard let keys else {
                guard force else { throw .rowsUnknown }
                return
            }
            try ring.checkRowsDoNotNeed(ids, at: now, rowsName: keys.ids)
            guard force || keys.unreadableCount == 0 else { throw .rowsUnreadable(keys.unreadableCount) }
        }
    }
}
