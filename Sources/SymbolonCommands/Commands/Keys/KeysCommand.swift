import ArgumentParser

/// `symbolon keys`
struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Manage keyrings and their keys.",
        discussion: """
            A deployment has two keyrings: state.keyring seals states and tickets, which are valid for \
            minutes; connections.keyring seals stored credentials. Every replica gets the same files.

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
