import ArgumentParser
import Connections
import Keyrings
import StateTokens

extension KeysCommand {
    /// `symbolon keys disable`
    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "disable",
            abstract: "Makes keys worthless at once, because others may know them.",
            discussion: """
                What a disabled key sealed authenticates nothing any more: flows that are under way end on a \
                page that asks the user to begin again. If no other key can seal, one that was to follow \
                begins now, or a new one does, in the same write. If the file itself was seen by others, \
                disable all its keys.

                A key of connections.keyring is not disabled while rows need it, for their credentials would \
                be lost: rotate, retire and reseal first. --config or --store says where the rows are; --force \
                goes without, and gives them up.

                EXAMPLES
                  symbolon keys disable 1f3a9c02 --keyring keys/state.keyring
                  symbolon keys disable 1f3a9c02 --keyring keys/connections.keyring \\
                    --config symbolon.yaml
                  symbolon keys disable 1f3a9c02 --keyring keys/connections.keyring \\
                    --store sqlite:/var/lib/symbolon/symbolon.sqlite
                """)

        @Argument(help: "The ids of the keys, as `symbolon keys list` shows them.")
        var ids: [KeyID]

        @OptionGroup var change: KeyringChangeOptions

        @OptionGroup var rows: StoreOptions

        @Flag(help: "Give up the rows that need the key, without looking at the store.")
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
