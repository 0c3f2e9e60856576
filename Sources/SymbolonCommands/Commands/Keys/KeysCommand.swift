import ArgumentParser

/// `symbolon keys`
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Makes keyrings, rotates their keys, and says what is in them.",
        discussion: """
            A deployment has two keyrings: state.keyring seals states and tickets, which live for minutes; \
            connections.keyring seals the credentials that are stored. Every replica gets the same files.

            EXAMPLES
              symbolon keys generate --keyring keys/state.keyring
              symbolon keys list --keyring keys/state.keyring
              symbolon keys rotate --keyring keys/state.keyring
            """,
        subcommands: [
            Generate.self, Rotate.self, List.self, Retire.self, Disable.self, Prune.self, Check.self,
            Export.self, Import.self,
        ])
}
