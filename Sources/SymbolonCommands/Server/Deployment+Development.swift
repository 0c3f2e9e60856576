internal import Access
internal import ConnectAPI
internal import ConnectService
internal import Cryptography
internal import Encodings
internal import Integrations
internal import Sandbox
internal import StateTokens

extension Deployment {
    /// Development mode: loopback only, its own keys and store, and a sandbox provider.
    init(developing settings: Settings, directory: String) throws {
        guard let publicURL = Settings.developmentURL(port: settings.port) else {
            throw ConfigurationError(["listen.port is no port"])
        }
        let folder = try DevelopmentFolder(in: directory)
        let secret = try RandomBytes.make(count: 32)
        let sandboxSecret = ClientSecret(Base64URL.encode(secret.span))
        self.publicURL = publicURL
        sources = folder.sources
        stateKeyring = folder.stateKeyring
        connectionsKeyring = folder.connectionsKeyring
        apiKeys = folder.apiKeys
        workspaces = WorkspaceDirectory([
            Workspace(
                id: DevelopmentFolder.workspaceID, redirectURIs: .everyLoopback, origins: .everyLoopback)
        ])
        store = .sqlite(path: folder.storePath)
        catalog = settings.catalog
        var integrations = settings.integrations
        integrations[SandboxServer.integrationID] = IntegrationSettings(
            clientID: SandboxServer.clientID, clientSecret: sandboxSecret)
        self.integrations = integrations
        let pageKey = try APIKey.make(
            label: "the page at /", workspaceIDs: [DevelopmentFolder.workspaceID],
            permissions: [.initiate, .read], expiresAt: nil, at: .now())
        development = Development(
            apiKey: folder.apiKey, apiKeyFile: "\(DevelopmentFolder.name)/api-key", pageKey: pageKey,
            sandboxSecret: sandboxSecret)
    }
}
