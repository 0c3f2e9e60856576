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
            abstract: "Test whether an integration would work: its settings, its URL, its endpoints.",
            discussion: """
                Builds an authorization URL, checks that the endpoints exist, and reads the issuer's \
                discovery document if there is one. It sends no credential: only a flow shows whether the \
                provider accepts the client. Exits with 3 for settings, and with 4 for an endpoint that \
                does not respond.

                EXAMPLES
                  symbolon integrations test gmail --config symbolon.yaml
                  symbolon integrations test shopify --param shop=acme
                  symbolon integrations test generic --offline --json
                """)

        @Argument(help: "The integration's id, as `symbolon integrations list` shows it.")
        var id: String

        @Option(help: .init("A template parameter; may be repeated.", valueName: "name=value"))
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
            if !integration.isSandbox {
                let address = catalog.registration(integration, parameters: parameters)
                diagnosis.findings.append(
                    .note("redirect_uri", "register \(address) at \(integration.registrationPage)"))
            }
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
