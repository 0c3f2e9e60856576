import ArgumentParser
import ConnectService
import Integrations
import OAuth
import OAuthHTTP

extension IntegrationsCommand {
    /// `symbolon integrations test`
    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test",
            abstract: "Looks whether an integration would work: its settings, its URL, its endpoints.",
            discussion: """
                Builds an authorization URL, asks the endpoints whether they are there, and reads the \
                issuer's discovery document where there is one. It sends no credential: whether the \
                provider takes the client shows in a flow. Exits with 3 for settings, with 4 for an \
                endpoint that does not answer.

                EXAMPLES
                  symbolon integrations test gmail --config symbolon.yaml
                  symbolon integrations test shopify --param shop=acme
                  symbolon integrations test generic --offline --json
                """)

        @Argument(help: "The integration's id, as `symbolon integrations list` has it.")
        var id: String

        @Option(help: .init("A template parameter; may be given several times.", valueName: "name=value"))
        var param: [ParameterArgument] = []

        @OptionGroup var probing: ProbeOptions
        @OptionGroup var options: ConfigurationFileOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            let settings = try options.settings()
            let catalog = try ConfiguredCatalog(settings)
            let integration = try catalog.integration(id)
            var diagnosis = Diagnosis()
            let parameters = Dictionary(param.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
            switch catalog.registry[id] {
            case .configured(let client):
                diagnosis.findings.append(.good("settings", "complete"))
                let check = IntegrationCheck(
                    integration: client,
                    redirectURI: catalog.redirectURI(integration, parameters: parameters)
                        ?? catalog.service.callbackURL(integrationID: id),
                    parameters: parameters)
                diagnosis.findings += await check.findings(probing, settings)
            case .unconfigured(_, let error):
                diagnosis.findings += error.missing.map { name in
                    Finding.bad(
                        "settings",
                        "\(name) is missing: set it, or \(IntegrationCheck.environmentVariable(name))")
                }
                diagnosis.findings += error.invalid.map { Finding.bad("settings", $0) }
            case nil: break
            }
            diagnosis.findings.append(
                .note(
                    "redirect_uri",
                    "register \(catalog.registration(integration, parameters: parameters)) at \(integration.documentation)"
                ))
            try diagnosis.conclude(output)
        }
    }
}

/// `name=value` on the command line.
struct ParameterArgument: ExpressibleByArgument {
    let name: String
    let value: String

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else { return nil }
        name = String(argument[..<equals])
        value = String(argument[argument.index(after: equals)...])
    }
}
