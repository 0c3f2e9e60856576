internal import Access
internal import ArgumentParser
internal import ConnectAPI
internal import ConnectService
internal import Encodings
internal import FoundationEssentials
internal import StateTokens

/// `symbolon config`.
struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Check the configuration.",
        discussion: """
            EXAMPLES
              symbolon config check
            """, subcommands: [Check.self])

    /// `symbolon config check`.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check the configuration, and show each value and where it comes from.",
            discussion: """
                Reads every file that the configuration names, and starts nothing. Secrets are masked.

                EXAMPLES
                  symbolon config check --config /etc/symbolon/symbolon.yaml
                  SYMBOLON_LISTEN_PORT=9000 symbolon config check
                """)

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let (settings, read) = try Settings.read(try options.sources())
            var findings = read
            // In production every file is read; development mode would make its own, and checking makes nothing.
            if let production = settings.production {
                let deployment = try Deployment(
                    settings, directory: FileManager.default.currentDirectoryPath)
                findings += Self.requirements(deployment, production)
            }
            // What `doctor` finds wrong without asking a store or a provider is no good configuration.
            let files = DeploymentCheck(settings: settings, now: .now()).fileFindings
            let clients = try ProvidersCheck(catalog: ConfiguredCatalog(settings), settings: settings)
                .settingsFindings
            let bad = (files + clients).filter { $0.verdict == .bad }
            guard bad.isEmpty else { throw ConfigurationError(bad.map { "\($0.topic): \($0.message)" }) }
            for finding in files + clients where finding.verdict == .warning {
                Console.warn("\(finding.topic): \(finding.message)")
            }
            let mode = settings.production == nil ? "development" : "production"
            if output.json {
                try Console.print(octets: Self.document(mode, findings))
            } else {
                Console.note("The configuration is good: \(mode) mode.")
                try Console.print(Self.table(findings))
            }
        }

        /// What workspaces have of their own, and where flows must be confirmed although no setting says so.
        private static func requirements(
            _ deployment: Deployment, _ production: Settings.Production
        ) -> [SettingsReader.Finding] {
            deployment.workspaces.workspaces.flatMap { workspace in
                var findings: [SettingsReader.Finding] = []
                if production.store == .nowhere, workspace.confirmation != .required {
                    findings.append(
                        SettingsReader.Finding(
                            setting: Setting("workspaces", workspace.id, "confirm"), shown: "required",
                            source: "store: none"))
                } else if let confirmation = workspace.confirmation {
                    findings.append(
                        SettingsReader.Finding(
                            setting: Setting("workspaces", workspace.id, "confirm"),
                            shown: confirmation.rawValue, source: production.workspaces))
                }
                if let only = workspace.only {
                    findings.append(
                        SettingsReader.Finding(
                            setting: Setting("workspaces", workspace.id, "only"),
                            shown: only.sorted().joined(separator: ", "), source: production.workspaces))
                }
                for (id, integration) in workspace.integrations.sorted(by: { $0.key < $1.key }) {
                    if let client = integration.client {
                        findings.append(
                            SettingsReader.Finding(
                                setting: Setting("workspaces", workspace.id, "integrations", id, "client_id"),
                                shown: client.clientID, source: production.workspaces))
                    }
                    guard let confirmation = integration.confirmation else { continue }
                    findings.append(
                        SettingsReader.Finding(
                            setting: Setting("workspaces", workspace.id, "integrations", id, "confirm"),
                            shown: confirmation.rawValue, source: production.workspaces))
                }
                return findings
            }
        }

        private static func document(_ mode: String, _ findings: [SettingsReader.Finding]) -> [UInt8] {
            JSONOutput.object { answer in
                answer.member("mode", mode)
                answer.array("settings") { settings in
                    for finding in findings {
                        settings.object { entry in
                            entry.member("name", finding.setting.name)
                            entry.member("value", finding.shown)
                            entry.member("source", finding.source)
                        }
                    }
                }
            }
        }

        private static func table(_ findings: [SettingsReader.Finding]) -> String {
            var table = TextTable("SETTING", "VALUE", "FROM")
            for finding in findings {
                table.add(
                    StyledText(finding.setting.name), StyledText(finding.shown.printable),
                    StyledText(finding.source, .faint))
            }
            return table.rendered()
        }
    }
}
