import ArgumentParser

/// `symbolon state`
struct StateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state",
        abstract: "Inspect state tokens.",
        discussion: """
            EXAMPLES
              symbolon state inspect AR86nAI…
              symbolon state inspect - --keyring keys \\
                --public-url https://connect.example.com
            """,
        subcommands: [Inspect.self])
}
