import ArgumentParser

/// `symbolon store`
struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Looks after the database itself.",
        discussion: """
            EXAMPLES
              symbolon store migrate --store postgresql://symbolon@db.example.com/symbolon --dry-run
            """,
        subcommands: [Migrate.self])
}
