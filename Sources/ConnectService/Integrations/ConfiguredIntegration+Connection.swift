package import Connections
package import Integrations

extension ServiceSettings {
    /// The redirect URI to register at the provider; `nil` where it depends on what is not given: a host, or a client.
    package func redirectURI(
        of integration: Integration, _ client: ConfiguredIntegration?, parameters: [String: String] = [:]
    ) -> String? {
        guard let client else {
            return integration.parameters.contains(where: \.namesHost)
                ? nil : callbackURL(integrationID: integration.id)
        }
        do throws(ParameterError) {
            return callbackURL(
                integrationID: integration.id, context: try client.redirectContext(parameters: parameters))
        } catch {
            return nil
        }
    }
}

extension ConfiguredIntegration {
    /// Where the integration's accounts are known.
    var accountScope: AccountScope {
        AccountScope(
            tenantParameters.map { parameter in
                let form: AccountScope.Parameter.Form =
                    switch parameter.kind {
                    case .label, .host: .host
                    case .url: .url
                    case .segment, .choice: .text
                    }
                return AccountScope.Parameter(
                    parameter.callbackField ?? parameter.name, defaultValue: parameter.defaultValue,
                    form: form)
            })
    }

    /// The endpoints that a connection's requests go to, made again from what it keeps, with every check.
    func endpoints(of connection: Connection) throws(ParameterError) -> Endpoints {
        try endpoints(ofConfiguration: connection.config)
    }

    /// The same for a connection that is still to be made.
    func endpoints(ofConfiguration config: [String: String]) throws(ParameterError) -> Endpoints {
        try endpoints(parameters: parameters(ofConfiguration: config), callbackFields: config)
    }

    /// Every check of what a connection keeps, where the endpoints themselves may be still to be discovered.
    func check(configuration config: [String: String]) throws(ParameterError) {
        guard try discoveryTarget(parameters: parameters(ofConfiguration: config)) == nil else { return }
        _ = try endpoints(ofConfiguration: config)
    }

    fileprivate func parameters(ofConfiguration config: [String: String]) -> [String: String] {
        config.filter { name, _ in
            integration.parameters.contains { $0.name == name && $0.source == .caller }
        }
    }

    /// The server whose document names the endpoints of a connection's requests; `nil` where it names none, or a wrong one.
    func server(of connection: Connection) -> DiscoveryTarget? {
        do throws(ParameterError) {
            return try discoveryTarget(parameters: parameters(ofConfiguration: connection.config))
        } catch {
            return nil
        }
    }
}

extension IntegrationRegistry {
    /// Where the provider's API is for a connection's app; `nil` where nothing says so.
    package func apiBaseURL(of connection: Connection) -> String? {
        // Most entries have none, and the client need not be looked for.
        guard integration(connection.integrationID)?.api != nil,
            case .configured(let client) = self[of: connection]
        else { return nil }
        return client.apiBaseURL(
            parameters: client.parameters(ofConfiguration: connection.config), kept: connection.config)
    }

    /// The client at the server that the connection names; itself where it names none.
    func discovered(
        _ integration: ConfiguredIntegration, for connection: Connection
    ) async throws(ConnectionDiscoveryError) -> ConfiguredIntegration {
        guard integration.integration.discovery != nil else { return integration }
        return try await discovered(
            integration, parameters: integration.parameters(ofConfiguration: connection.config))
    }
}
