import ArgumentParser

/// `symbolon connections`
struct ConnectionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "connections",
        abstract: "Looks after what is stored.",
        discussion: """
            EXAMPLES
              symbolon connections reseal --keyring keys/connections.keyring \\
                --store sqlite:symbolon.sqlite
            """,
        subcommands: [Reseal.self])
}
