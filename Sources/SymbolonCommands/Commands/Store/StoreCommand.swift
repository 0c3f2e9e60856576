import ArgumentParser

/// `symbolon store`
struct StoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Manage the store's database: migrate, back up, verify.",
        discussion: """
            EXAMPLES
              symbolon store migrate --dry-run \\
                --store postgresql://symbolon@db.example.com/symbolon
              symbolon store backup --out copy.sqlite --store sqlite:symbolon.sqlite
              symbolon store verify --store sqlite:copy.sqlite \\
                --keyring keys/connections.keyring
            """,
        subcommands: [Migrate.self, Backup.self, Verify.self])
}
