import ConnectAPI
import ConnectService
import Integrations
import Sandbox
import StateTokens

/// The integrations as a server with these settings would have them. Nothing is made or opened for it.
struct ConfiguredCatalog {
    let registry: IntegrationRegistry
    let workspaces: WorkspaceDirectory
    let service: ServiceSettings

    /// - Parameter readsWorkspaces: whether what they have of their own is of interest; its files are read then.
    init(_ settings: Settings, readsWorkspaces: Bool = false) throws {
        guard
            let publicURL = settings.production?.publicURL
                ?? Settings.developmentURL(port: settings.port)
        else { throw ConfigurationError(["listen.port is not a port"]) }
        let isDevelopment = settings.production == nil
        service = ServiceSettings(
            publicURL: publicURL, stateLifetime: settings.stateLifetime,
            providerTimeout: settings.providerTimeout)
        var integrations = settings.integrations
        if isDevelopment {
            // Its secret is made at each start.
            integrations[SandboxServer.integrationID] = IntegrationSettings(
                clientID: SandboxServer.clientID, clientSecret: ClientSecret("-"))
        }
        let file = readsWorkspaces ? settings.production?.workspaces : nil
        workspaces = try file.map { path in try WorkspaceFile.load(path) } ?? WorkspaceDirectory([])
        registry = IntegrationRegistry(
            settings.catalog, settings: integrations, workspaces: workspaces,
            allowsInsecureLoopback: settings.allowsInsecureLoopback)
    }

    /// What to register at the provider; `nil` where it depends on values that are not given.
    func redirectURI(
        _ integration: Integration, in workspaceID: String? = nil, parameters: [String: String] = [:]
    ) -> String? {
        let client = registry[integration.id, in: workspaceID]?.client
        let hasOwn = workspaceID.flatMap { workspaces[$0] }?.integrations[integration.id]?.client != nil
        guard client != nil || !hasOwn else { return nil }
        return service.redirectURI(of: integration, client, parameters: parameters)
    }

    /// The same in words.
    func registration(
        _ integration: Integration, in workspaceID: String? = nil, parameters: [String: String] = [:]
    ) -> String {
        if let uri = redirectURI(integration, in: workspaceID, parameters: parameters) { return uri }
        let names = integration.parameters.filter(\.namesHost).map { " --param \($0.name)=…" }.joined()
        return "a redirect URI of its own for each client and host, which "
            + "`symbolon integrations show \(integration.id)\(names)` says once the client is configured"
    }

    /// Where the operator's picture for it is; `nil` where there is none.
    func logoURL(_ integration: Integration) -> String? {
        registry.logo(of: integration.id).map { _ in service.logoURL(integrationID: integration.id) }
    }

    /// What is missing of an integration's settings, or wrong with them.
    func settingsError(_ id: String) -> SettingsError? { registry[id]?.settingsError }

    /// The settings of the client that a workspace uses; of the operator's, if none is named.
    func clientSettings(_ id: String, in workspaceID: String?, _ settings: Settings) -> IntegrationSettings {
        let operators = settings.integrations[id]
        let own = workspaceID.flatMap { id in workspaces[id] }
        return own?.integrations[id]?.client?.settings(over: operators, workspaceID: own?.id ?? "")
            ?? operators ?? IntegrationSettings()
    }

    /// - Throws: ``CommandError`` with the names that are nearest, for there is no such integration.
    func integration(_ id: String, in workspaceID: String? = nil) throws(CommandError) -> Integration {
        if let workspaceID, workspaces[workspaceID] == nil {
            throw CommandError(.refused, "there is no workspace `\(workspaceID)` in the workspaces file")
        }
        if let found = registry.integration(id, in: workspaceID) { return found }
        if let workspaceID, registry.integration(id) != nil {
            throw CommandError(
                .refused, "the workspace `\(workspaceID)` may not use `\(id)`: `only` leaves it out")
        }
        let near = registry.listed.integrations.filter { integration in
            integration.id.contains(id) || id.contains(integration.id)
                || integration.about.aliases.contains { $0.lowercased() == id.lowercased() }
        }.map(\.id)
        let hint =
            near.isEmpty ? "`symbolon integrations list` shows all" : "is it \(near.joined(separator: ", "))?"
        throw CommandError(.refused, "there is no integration `\(id)`: \(hint)")
    }
}

extension Integration {
    /// What it still needs, in a few words.
    func settingsWords(_ error: SettingsError?) -> StyledText {
        guard let error else { return StyledText("configured", .good) }
        let names = error.missing.map { $0.replacing("integrations.\(id).", with: "") }
        if !error.invalid.isEmpty { return StyledText("wrong settings", .bad) }
        return StyledText("needs \(names.joined(separator: ", "))", .faint)
    }
}
