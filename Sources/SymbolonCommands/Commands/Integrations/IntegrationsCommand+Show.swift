import ArgumentParser
import ConnectAPI
import ConnectService
import Integrations

extension IntegrationsCommand {
    /// `symbolon integrations show`
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Says what one integration asks for, and what to register at its provider.",
            discussion: """
                EXAMPLES
                  symbolon integrations show gmail
                  symbolon integrations show shopify --config symbolon.yaml
                  symbolon integrations show slack --json | jq -r .redirect_uri
                """)

        @Argument(help: "The integration's id, as `symbolon integrations list` has it.")
        var id: String

        @OptionGroup var options: ConfigurationFileOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let catalog = try ConfiguredCatalog(options.settings())
            let integration = try catalog.integration(id)
            let report = IntegrationReport(
                integration: integration, redirectURI: catalog.redirectURI(id),
                error: catalog.settingsError(id))
            try Console.print(octets: output.json ? report.json : Array(report.text().utf8))
        }
    }
}
