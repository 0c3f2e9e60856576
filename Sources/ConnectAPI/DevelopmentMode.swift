internal import ConnectService
internal import Hummingbird
package import Integrations
package import StateTokens

/// What development mode has besides: a home page, the sandbox provider, and a guard at the door.
package struct DevelopmentMode: Sendable {
    let port: Int
    private let publicURL: Audience
    private let apiKeyFile: String
    private let sandboxSecret: ClientSecret

    /// - Parameters:
    ///   - apiKeyFile: where the person at the keyboard finds the API key.
    ///   - sandboxSecret: the sandbox's client secret, made by this process.
    package init(port: Int, publicURL: Audience, apiKeyFile: String, sandboxSecret: ClientSecret) {
        self.port = port
        self.publicURL = publicURL
        self.apiKeyFile = apiKeyFile
        self.sandboxSecret = sandboxSecret
    }

    func addRoutes(
        to router: Router<APIContext>, pages: Pages, integrations: IntegrationRegistry,
        settings: ServiceSettings
    ) {
        Sandbox(
            publicURL: publicURL, redirectURI: settings.callbackURL(integrationID: Sandbox.integrationID),
            clientSecret: sandboxSecret, pages: pages
        ).addRoutes(to: router)
        router.get("/") { _, _ in
            let entries = integrations.integrations.map { integration in
                let isConfigured =
                    if case .configured = integrations[integration.id] { true } else { false }
                return HomePage.Integration(
                    id: integration.id, label: integration.label, isConfigured: isConfigured)
            }
            let home = HomePage(
                publicURL: publicURL.description, apiKeyFile: apiKeyFile, integrations: entries)
            return PageResponse(pages.home(home))
        }
    }
}
