import ConnectAPI
import ConnectService
import Integrations
import Sandbox
import StateTokens

/// The integrations as a server with these settings would have them. Nothing is made or opened for it.
struct ConfiguredCatalog {
    let registry: IntegrationRegistry
    let service: ServiceSettings

    init(_ settings: Settings) throws {
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
        registry = IntegrationRegistry(
            settings.catalog, settings: integrations, allowsInsecureLoopback: settings.allowsInsecureLoopback)
    }

    func redirectURI(_ id: String) -> String { service.callbackURL(integrationID: id) }

    /// What is missing of an integration's settings, or wrong with them.
    func settingsError(_ id: String) -> SettingsError? {
        if case .unconfigured(_, let error) = registry[id] { error } else { nil }
    }

    /// - Throws: ``CommandError`` with the names that are nearest, for there is no such integration.
    func integration(_ id: String) throws(CommandError) -> Integration {
        if let found = registry.integration(id) { return found }
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
