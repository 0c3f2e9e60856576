import ArgumentParser
import Connections

extension StoreCommand {
    /// `symbolon store backup`
    struct Backup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "backup",
            abstract: "Makes a copy of the store as of one moment, while the service runs.",
            discussion: """
                It makes a new file for its owner alone (mode 0600), which gets its name when it is whole and \
                on the disk, and overwrites none. The tables stay those that the store has: make one \
                before an upgrade. Credentials in it stay sealed, so it is of no use without \
                connections.keyring: keep copies of both, and never in one place. For PostgreSQL it says \
                which command of PostgreSQL's own makes the backup.

                EXAMPLES
                  symbolon store backup --out symbolon-2026-11-29.sqlite --config /etc/symbolon/symbolon.yaml
                  symbolon store backup --out copy.sqlite --store sqlite:symbolon.sqlite
                """)

        @Option(help: .init("The file to make.", valueName: "file"), completion: .file())
        var out: String

        @OptionGroup var source: StoreOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let backup = try await StoreBackup(of: source.location(), at: out)
            if output.json {
                try Console.print(octets: backup.json)
            } else {
                Console.note(
                    "\(backup.inspection.connectionCount) connections are in \(out), for its owner alone. "
                        + "`symbolon store verify --store sqlite:\(out)` opens a sample of them.")
            }
        }
    }
}
