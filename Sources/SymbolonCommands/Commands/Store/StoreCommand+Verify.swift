import ArgumentParser
import Connections

extension StoreCommand {
    /// `symbolon store verify`
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify",
            abstract: "Verify a store or a backup, and open a sample of its rows.",
            discussion: """
                Only reads. Checks the database's pages (SQLite), compares the keys that all rows need \
                with the connections keyring, and opens the credentials of a sample of rows, each in its \
                own place: one that was moved from another row does not open. Prints no token, and asks no \
                provider. Exits with 1 if any check fails.

                EXAMPLES
                  symbolon store verify --store sqlite:copy.sqlite \\
                    --keyring keys/connections.keyring
                  symbolon store verify --sample 0 --config /etc/symbolon/symbolon.yaml --json
                """)

        @Option(
            help: .init(
                "How many rows to open, chosen at random: 1 to \(StoreInspection.Sample.largest); 0 is all.",
                valueName: "count"))
        var sample = 100

        @OptionGroup var keyring: ConnectionsKeyringOptions
        @OptionGroup var source: StoreOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (0...StoreInspection.Sample.largest).contains(sample) else {
                throw ValidationError(
                    "--sample must be from 0 to \(StoreInspection.Sample.largest); 0 opens all rows.")
            }
        }

        func run() async throws {
            try keyring.check()
            let location = try source.location()
            let keys = try await keyring.loaded(for: source)
            let inspection = try await location.inspect(
                opening: StoreInspection.Sample(count: sample == 0 ? nil : sample, keyring: keys))
            let report = InspectionReport(store: location.name, inspection: inspection, keyring: keys)
            try Console.print(octets: output.json ? report.json : Array(report.text().utf8))
            if let problem = report.problem { throw CommandError(.refused, problem) }
        }
    }
}
