internal import ArgumentParser
internal import ConnectAPI
internal import Connections
internal import Encodings
internal import FoundationEssentials

extension StoreCommand {
    /// `symbolon store migrate`
    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "migrate",
            abstract: "Brings the store's tables up to date.",
            discussion: """
                `symbolon serve` does the same when it starts. Run it beforehand where the service's own role \
                may not change tables, or to see what would be done: --dry-run prints the SQL and changes \
                nothing. Replicas of the version before run on meanwhile. Without --store it takes the store \
                of the configuration.

                EXAMPLES
                  symbolon store migrate --dry-run --store sqlite:symbolon.sqlite
                  symbolon store migrate --config /etc/symbolon/symbolon.yaml
                """)

        @Option(help: ArgumentHelp("The configuration file (YAML).", valueName: "file"))
        var config: String?

        @Option(help: .init("Where the rows are: sqlite:PATH or postgresql://…", valueName: "url"))
        var store: StoreArgument?

        @Flag(help: "Print what would be done, and change nothing.")
        var dryRun = false

        @OptionGroup var output: OutputOptions

        func run() async throws {
            let tables = StoreTables(try await location())
            let migrations: [StoreMigration]
            do throws(StoreError) {
                migrations = try await dryRun ? tables.pending() : tables.migrate()
            } catch {
                throw CommandError(error)
            }
            if output.json {
                try Console.print(octets: document(migrations))
            } else {
                Console.note(sentence(migrations.count))
                if !migrations.isEmpty, dryRun { try Console.print(Self.script(migrations)) }
            }
        }

        private func location() async throws -> StoreLocation {
            if let store { return try store.location() }
            let sources = try SettingsSources(
                flags: [:], file: config, environment: ProcessInfo.processInfo.environment)
            var reader = SettingsReader(sources)
            guard let text = reader.text(.store) else {
                throw ConfigurationError(
                    reader.mistakes.isEmpty
                        ? ["no store is configured: give --store, or set store in the configuration"]
                        : reader.mistakes)
            }
            do throws(StoreLocationError) {
                return try StoreLocation(text)
            } catch {
                throw ConfigurationError(["store \(error.sentence)"])
            }
        }

        private func sentence(_ count: Int) -> String {
            guard count > 0 else { return "The tables are up to date." }
            let steps = count == 1 ? "1 step" : "\(count) steps"
            return dryRun
                ? "\(steps) would be taken. Nothing was changed."
                : "The tables are up to date: \(steps) taken."
        }

        private static func script(_ migrations: [StoreMigration]) -> String {
            migrations.map { "-- version \($0.version)\n\($0.sql)" }.joined(separator: "\n\n")
        }

        private func document(_ migrations: [StoreMigration]) -> [UInt8] {
            JSONOutput.object { answer in
                answer.member("dry_run", dryRun)
                answer.array("migrations") { list in
                    for migration in migrations {
                        list.object { entry in
                            entry.member("version", migration.version)
                            entry.member("sql", migration.sql)
                        }
                    }
                }
            }
        }
    }
}
