internal import Connections
internal import Integrations

extension ConfiguredIntegration {
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
