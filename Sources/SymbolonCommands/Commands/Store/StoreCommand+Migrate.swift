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
            abstract: "Create or update the store's tables.",
            discussion: """
                `symbolon serve` does the same when it starts. Run it beforehand if the service's own role \
                may not change tables, or to see what would be done: --dry-run prints the SQL and changes \
                nothing. Replicas of the previous release keep running meanwhile. Without --store it uses \
                the store of the configuration, or development mode's in .symbolon.

                EXAMPLES
                  symbolon store migrate --dry-run --store sqlite:symbolon.sqlite
                  symbolon store migrate --config /etc/symbolon/symbolon.yaml
                """)

        @Option(help: ArgumentHelp("The configuration file (YAML).", valueName: "file"))
        var config: String?

        @Option(help: .init("The store: sqlite:PATH or postgresql://…", valueName: "url"))
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
                guard reader.mistakes.isEmpty else { throw ConfigurationError(reader.mistakes) }
                return try Self.developmentStore(Settings.read(sources).settings)
            }
            do throws(StoreLocationError) {
                return try StoreLocation(text)
            } catch {
                throw ConfigurationError(["store \(error.sentence)"])
            }
        }

        private static func developmentStore(_ settings: Settings) throws -> StoreLocation {
            let location = settings.storeLocation
            // Made together with its keys, when the service starts.
            guard case .sqlite(let path) = location, FileKind(at: path) == .other else {
                throw ConfigurationError([
                    "no store is configured, and \(DevelopmentFolder.name) has none: give --store or --config, "
                        + "or start the service once"
                ])
            }
            return location
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
