import ArgumentParser
import Connections

extension StoreCommand {
    /// `symbolon store backup`
    struct Backup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "backup",
            abstract: "Back up the store while the service runs.",
            discussion: """
                Writes a new file for its owner only (mode 0600), which gets its name when it is complete \
                and on the disk; no file is overwritten. The tables are not migrated: make a backup before \
                an upgrade. Credentials stay sealed, so the backup is useless without connections.keyring: \
                keep copies of both, in different places. For PostgreSQL it prints the pg_dump command to \
                use, and exits with 1.

                EXAMPLES
                  symbolon store backup --out symbolon-2026-11-29.sqlite \\
                    --config /etc/symbolon/symbolon.yaml
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
                    "\(counted: backup.inspection.connectionCount, "connection") written to \(out) (mode 0600). "
                        + "`symbolon store verify --store sqlite:\(out)` opens a sample of them.")
            }
        }
    }
}
