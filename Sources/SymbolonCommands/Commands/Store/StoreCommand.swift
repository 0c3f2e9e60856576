import ArgumentParser

/// `symbolon store`
struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Looks after the database itself.",
        discussion: """
            EXAMPLES
              symbolon store migrate --store postgresql://symbolon@db.example.com/symbolon --dry-run
              symbolon store backup --out copy.sqlite --store sqlite:symbolon.sqlite
              symbolon store verify --store sqlite:copy.sqlite --keyring keys/connections.keyring
            """,
        subcommands: [Migrate.self, Backup.self, Verify.self])
}
