import ArgumentParser

/// `symbolon connections`
struct ConnectionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connections",
        abstract: "Manage stored connections.",
        discussion: """
            EXAMPLES
              symbolon connections list --status expired
              symbolon connections show conn_AbCdEfGhIjKlMnOpQrStUv
              symbolon connections export --out connections.json
              symbolon connections import moved.jsonl --workspace wsp_1 --dry-run
              symbolon connections revoke --user user_1 --report revoked.jsonl
              symbolon connections reseal --keyring keys/connections.keyring \\
                --store sqlite:symbolon.sqlite
            """,
        subcommands: [List.self, Show.self, Reseal.self, Export.self, Import.self, Revoke.self])
}
