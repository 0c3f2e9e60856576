internal import Access
internal import ConnectAPI
internal import ConnectService
internal import Integrations
internal import Keyrings
internal import StateTokens

/// What a server runs on: from files in production, from `.symbolon/` in development mode.
struct Deployment {
    /// What development mode adds.
    struct Development {
        let apiKey: String
        let apiKeyFile: String
        /// The key of the page at `/`, which opens no tokens and is gone with the process.
        let pageKey: (key: APIKey, text: String)
        let sandboxSecret: ClientSecret
    }

    /// Where it finds again what may be replaced while it runs.
    struct Sources {
        let stateKeyring: KeyringSource
        let connectionsKeyring: KeyringSource
        let apiKeys: String?
    }

    let publicURL: Audience
    let sources: Sources
    let stateKeyring: Keyring
    let connectionsKeyring: Keyring
    let apiKeys: [APIKey]
    let workspaces: WorkspaceDirectory
    let store: StoreLocation
    let catalog: Catalog
    let integrations: [String: IntegrationSettings]
    let development: Development?
}

extension Deployment {
    /// Reads all files that the settings name, and checks them.
    init(_ settings: Settings, directory: String) throws {
        if let production = settings.production {
            try self.init(settings, production)
        } else {
            try self.init(developing: settings, directory: directory)
        }
    }

    private init(_ settings: Settings, _ production: Settings.Production) throws {
        publicURL = production.publicURL
        let connections = try Self.connectionsKeyring(production)
        sources = Sources(
            stateKeyring: production.stateKeyring, connectionsKeyring: connections,
            apiKeys: production.apiKeys)
        stateKeyring = try production.stateKeyring.loaded(for: .state)
        connectionsKeyring = try connections.loaded(for: .connections)
        apiKeys = try production.apiKeys.map { path in try APIKeyFile.load(path) } ?? []
        workspaces = try WorkspaceFile.load(production.workspaces)
        store = production.store
        catalog = settings.catalog
        integrations = settings.integrations
        development = nil
        try check(settings)
    }

    /// Without a store nothing sealed outlives the process, and neither does the key that seals it.
    private static func connectionsKeyring(_ production: Settings.Production) throws -> KeyringSource {
        if let source = production.connectionsKeyring, production.store != .nowhere { return source }
        let ring = try KeyringDocument.json(Keyring.make(purpose: .connections))
        return .json(String(decoding: ring, as: UTF8.self))
    }

    /// What no file shows alone.
    private func check(_ settings: Settings) throws(ConfigurationError) {
        var mistakes: [String] = []
        if settings.stateLifetime > stateKeyring.maximumLifetime {
            mistakes.append(
                "state.lifetime is \(settings.stateLifetime.components.seconds) s, and the state keyring's max_lifetime "
                    + "is \(stateKeyring.maximumLifetime.components.seconds) s; lower the one or raise the other"
            )
        }
        mistakes += Self.mistakes(
            in: workspaces, catalog, integrations, publicURL: publicURL,
            allowsInsecureLoopback: settings.allowsInsecureLoopback)
        if apiKeys.isEmpty, settings.tokens == nil {
            mistakes.append(
                "credentials.api_keys has no key, so no app could call; make one with `symbolon api-keys create`"
            )
        }
        guard mistakes.isEmpty else { throw ConfigurationError(mistakes) }
    }

    /// What neither the file of workspaces nor the catalog shows alone.
    static func mistakes(
        in workspaces: WorkspaceDirectory, _ catalog: Catalog, _ integrations: [String: IntegrationSettings],
        publicURL: Audience, allowsInsecureLoopback: Bool
    ) -> [String] {
        var mistakes: [String] = []
        // An id that is none of the catalog's may ask for more safety than there is.
        let known = Set(catalog.ids)
        for workspace in workspaces.workspaces {
            for id in workspace.integrations.keys.sorted() where !known.contains(id) {
                mistakes.append(
                    "workspaces.\(workspace.id).integrations names `\(id.shownAsName)`, which the catalog does not have"
                )
            }
        }
        mistakes += IntegrationRegistry(
            catalog, settings: integrations, workspaces: workspaces,
            allowsInsecureLoopback: allowsInsecureLoopback
        ).mistakes(in: workspaces)
        for workspace in workspaces.workspaces where workspace.redirectURIs.isEmpty {
            mistakes.append(
                "workspaces: `\(workspace.id)` lists no redirect_uris, so no flow of its could return to an app"
            )
        }
        for workspace in workspaces.workspaces
        where !PublicPath.hasConnectPage(workspace.id, under: publicURL.path) {
            mistakes.append(
                "workspaces: `\(workspace.id)` can have no connect page while public_url ends in \(publicURL.path), for "
                    + "/connect/\(workspace.id) leads to another page there; rename the workspace, or serve under another path"
            )
        }
        return mistakes
    }
}
