internal import Connections
internal import Integrations

extension ConfiguredIntegration {
    /// The endpoints that a connection's requests go to, made again from what it keeps, with every check.
    func endpoints(of connection: Connection) throws(ParameterError) -> Endpoints {
        let parameters = connection.config.filter { name, _ in
            integration.parameters.contains { $0.name == name && $0.source == .caller }
        }
        return try endpoints(parameters: parameters, callbackFields: connection.config)
    }
}
