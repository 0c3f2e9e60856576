import ArgumentParser
import ConnectAPI
import ConnectService
import Integrations

extension IntegrationsCommand {
    /// `symbolon integrations show`
    struct Show: AsyncParsableCommand {
        /// What is shown in place of the report.
        enum Part: String, EnumerableFlag {
            case entry, url, tokenRequest

            static func help(for value: Part) -> ArgumentHelp? {
                switch value {
                case .entry: "Only the catalog's entry in YAML, with those that it inherits from."
                case .url: "Only an authorization URL as a flow would have it."
                case .tokenRequest: "Only the request for tokens that a callback would send."
                }
            }
        }

        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Show what an integration needs, and what to register at its provider.",
            discussion: """
                With --url and --token-request, names in capitals stand for the values of a flow; a \
                configured client secret is not shown.

                EXAMPLES
                  symbolon integrations show gmail
                  symbolon integrations show shopify --config symbolon.yaml
                  symbolon integrations show gmail --workspace wsp_acme
                  symbolon integrations show gitea --param base=https://git.example.com
                  symbolon integrations show slack --json | jq -r .redirect_uri
                  symbolon integrations show zendesk --url --param subdomain=acme
                  symbolon integrations show gmail --token-request
                  symbolon integrations show hubspot --entry > catalog.yaml
                """)

        @Argument(help: "The integration's id, as `symbolon integrations list` shows it.")
        var id: String

        @Flag(exclusivity: .exclusive)
        var part: Part?

        @Option(help: .init("A template parameter; may be repeated.", valueName: "name=value"))
        var param: [ParameterArgument] = []

        @Option(
            help: .init("As in this workspace: with its own client, if it has one.", valueName: "id"))
        var workspace: String?

        @OptionGroup var options: ConfigurationFileOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard part == nil || !output.json else {
                throw ValidationError("--json goes with the report, and not with a part of it.")
            }
        }

        func run() async throws {
            let settings = try options.settings()
            let catalog = try ConfiguredCatalog(settings, readsWorkspaces: workspace != nil)
            let integration = try catalog.integration(id, in: workspace)
            let parameters = Dictionary(param.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
            switch part {
            case nil:
                let entry = catalog.registry[id, in: workspace]
                let report = IntegrationReport(
                    integration: integration,
                    redirectURI: catalog.redirectURI(integration, in: workspace, parameters: parameters),
                    registration: catalog.registration(integration, in: workspace, parameters: parameters),
                    error: entry?.settingsError, client: entry?.client,
                    given: catalog.clientSettings(id, in: workspace, settings),
                    logoURL: catalog.logoURL(integration))
                try Console.print(octets: output.json ? report.json : Array(report.text().utf8))
            case .entry:
                guard let text = Catalog.text(ofEmbedded: id) else {
                    throw CommandError(
                        .refused, "`\(id)` is an entry of yours, and not of the program's catalog")
                }
                try Console.print(text)
            case .url, .tokenRequest:
                let requests = try ExampleRequests(
                    integration, settings: catalog.clientSettings(id, in: workspace, settings),
                    parameters: parameters, allowsInsecureLoopback: settings.allowsInsecureLoopback,
                    service: catalog.service)
                try Console.print(part == .url ? requests.authorizationURL() : requests.tokenRequest())
            }
        }
    }
}
