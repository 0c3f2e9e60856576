internal import ArgumentParser
internal import FoundationEssentials

/// `symbolon config`.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Look at the configuration.", subcommands: [Check.self])

    /// `symbolon config check`.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check the configuration, and show each value and where it comes from.",
            discussion: """
                Reads every file that the configuration names and starts nothing. Secrets are masked.

                EXAMPLES
                  symbolon config check --config /etc/symbolon/symbolon.yaml
                  SYMBOLON_LISTEN_PORT=9000 symbolon config check
                """)

        @OptionGroup var options: ConfigurationOptions

        @Flag(help: "Print one JSON document.") var json = false

        func run() async throws {
            let (settings, findings) = try Settings.read(try await options.sources())
            // In production every file is read; development mode would make its own, and checking makes nothing.
            if settings.production != nil {
                _ = try Deployment(settings, directory: FileManager.default.currentDirectoryPath)
            }
            let mode = settings.production == nil ? "development" : "production"
            let rows = findings.map {
                ConfigurationRow(name: $0.setting.name, value: $0.shown, source: $0.source)
            }
            if json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
                let document = try encoder.encode(ConfigurationDocument(mode: mode, settings: rows))
                print(String(decoding: document, as: UTF8.self))
            } else {
                print(ConfigurationTable(mode: mode, rows: rows).text)
            }
        }
    }
}

/// What `--json` prints.
private struct ConfigurationDocument: Encodable {
    let mode: String
    let settings: [ConfigurationRow]
}

private struct ConfigurationRow: Encodable {
    let name: String
    let value: String
    let source: String
}

private struct ConfigurationTable {
    let mode: String
    let rows: [ConfigurationRow]

    var text: String {
        let nameWidth = rows.map(\.name.count).max() ?? 0
        let valueWidth = min(60, rows.map(\.value.count).max() ?? 0)
        let lines = rows.map { row in
            "  " + row.name.padded(to: nameWidth) + "  " + row.value.padded(to: valueWidth) + "  "
                + row.source
        }
        return (["The configuration is good: \(mode) mode.", ""] + lines).joined(separator: "\n")
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }
}
