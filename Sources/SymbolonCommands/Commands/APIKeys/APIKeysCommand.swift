import ArgumentParser

/// `symbolon api-keys`
struct APIKeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api-keys",
        abstract: "Makes, lists and revokes the keys that applications call the service with.",
        discussion: """
            The file holds hashes, never a key: a key is shown once, when it is made. A change is written so \
            that a running service reads the old file or the new one, whole.

            EXAMPLES
              symbolon api-keys create --file api-keys.json --workspace wsp_1
              symbolon api-keys list --file api-keys.json
              symbolon api-keys revoke key_QmFzZTY0dXJs --file api-keys.json
            """,
        subcommands: [Create.self, List.self, Revoke.self])
}

/// The file that the commands are about.
struct APIKeyFileOptions: ParsableArguments {
    @Option(help: "The file of API keys.")
    var file: String
}
