import ArgumentParser
import ConnectAPI
import ConnectService
import Encodings
import Integrations

extension IntegrationsCommand {
    /// `symbolon integrations list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List the integrations in the catalog, and which of them are ready.",
            discussion: """
                EXAMPLES
                  symbolon integrations list
                  symbolon integrations list --configured --config symbolon.yaml
                  symbolon integrations list --category crm
                  symbolon integrations list --search google
                  symbolon integrations list --json | jq -r '.data[].redirect_uri'
                """)

        @Flag(help: "Only those whose client is configured.")
        var configured = false

        @Option(help: "Only those whose id, label or aliases contain these words.")
        var search: String?

        @Option(
            help: .init("Only those of a category, such as crm or accounting.", valueName: "name"),
            completion: .list(IntegrationCategory.allCases.map(\.rawValue)))
        var category: IntegrationCategory?

        @OptionGroup var options: ConfigurationFileOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let catalog = try ConfiguredCatalog(options.settings())
            let wanted = IntegrationSearch(search ?? "", category: category)
            let chosen = catalog.registry.listed.integrations.filter { integration in
                wanted.matches(integration)
                    && (!configured || catalog.settingsError(integration.id) == nil)
            }
            if output.json {
                return try Console.print(
                    octets: JSONOutput.object(capacity: 16_384) { answer in
                        answer.array("data") { data in
                            for integration in chosen {
                                data.object {
                                    integration.write(
                                        to: &$0, redirectURI: catalog.redirectURI(integration),
                                        settings: catalog.settingsError(integration.id),
                                        isConnectable: catalog.settingsError(integration.id) == nil,
                                        logo: catalog.logoURL(integration))
                                }
                            }
                        }
                    })
            }
            guard !chosen.isEmpty else {
                return Console.note(
                    search.map { "Nothing matches `\($0.printable)`." } ?? "No integration matches.")
            }
            var table = TextTable("ID", "LABEL", "CLIENT", "CATEGORIES", "PARAMS")
            for integration in chosen {
                let needed = integration.parameters.filter { $0.source == .caller }.map { parameter in
                    parameter.defaultValue == nil ? parameter.name : "[\(parameter.name)]"
                }
                let categories = integration.about.categories.map(\.rawValue)
                let status = integration.about.status == .unproven ? " (unproven)" : ""
                table.add(
                    StyledText(integration.id), StyledText(integration.label + status),
                    integration.settingsWords(catalog.settingsError(integration.id)),
                    StyledText(categories.joined(separator: ", ")),
                    StyledText(needed.joined(separator: " ")))
            }
            try Console.print(table.rendered())
            Console.note("`symbolon integrations show ID` says what one needs.")
        }
    }
}

extension IntegrationCategory: ExpressibleByArgument {}
