internal import Access
internal import ConnectPages
internal import ConnectService
internal import Hummingbird
package import Integrations
internal import Sandbox
package import StateTokens

/// What development mode adds: the page's own key, the sandbox provider, the flows' traces, and a guard at the
/// door.
package struct DevelopmentMode: Sendable {
    let port: Int
    private let publicURL: Audience
    let home: HomePage.Development
    private let sandboxSecret: ClientSecret

    /// - Parameters:
    ///   - apiKeyFile: where the person at the keyboard finds the API key.
    ///   - pageKey: the text of the page's own key, made by this process.
    ///   - sandboxSecret: the sandbox's client secret, made by this process.
    package init(
        port: Int, publicURL: Audience, apiKeyFile: String, pageKey: String, sandboxSecret: ClientSecret
    ) {
        self.port = port
        self.publicURL = publicURL
        self.sandboxSecret = sandboxSecret
        home = HomePage.Development(
            pageKey: pageKey, keyFile: apiKeyFile, publicURL: publicURL.description)
    }

    func addRoutes(
        to router: Router<APIContext>, pages: Pages, settings: ServiceSettings, tracing: FlowTracing?,
        authenticator: Authenticator
    ) {
        SandboxServer(
            publicURL: publicURL,
            redirectURI: settings.callbackURL(integrationID: SandboxServer.integrationID),
            clientSecret: sandboxSecret, pages: pages
        ).addRoutes(to: router)
        if let tracing {
            let trace = FlowTraceRoute(tracing, authenticator: authenticator)
            router.post("development/flow") { try await trace.answer($0, $1) }
        }
    }
}
