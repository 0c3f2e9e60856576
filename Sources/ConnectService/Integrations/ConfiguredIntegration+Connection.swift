internal import Connections
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
        let parameters = config.filter { name, _ in
            integration.parameters.contains { $0.name == name && $0.source == .caller }
        }
        return try endpoints(parameters: parameters, callbackFields: config)
    }
}
