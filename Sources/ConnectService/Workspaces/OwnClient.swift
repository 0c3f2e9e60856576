package import Integrations

/// A workspace's own client at a provider, in place of the operator's.
package struct OwnClient: Sendable, Equatable {
    package let clientID: String
    /// What its file holds: a secret, or a private key in PEM.
    package let clientSecret: ClientSecret?
    /// Names of the private key at the provider, for a client secret that is signed.
    package let keyID: String?
    package let keyIssuer: String?
    /// In place of the integration's default scopes.
    package let scopes: [String]?
    /// For the integration's parameters `from: client`.
    package let parameters: [String: ClientSecret]
    /// The host that it belongs to, where the integration's callers name hosts.
    package let host: String?

    package init(
        clientID: String, clientSecret: ClientSecret? = nil, keyID: String? = nil, keyIssuer: String? = nil,
        scopes: [String]? = nil, parameters: [String: ClientSecret] = [:], host: String? = nil
    ) {
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.keyID = keyID
        self.keyIssuer = keyIssuer
        self.scopes = scopes
        self.parameters = parameters
        self.host = host
    }

    /// The settings of this client: where the provider is stays the operator's word, and nothing else of the operator's
    /// client goes with it.
    package func settings(
        over operators: IntegrationSettings?, workspaceID: String
    ) -> IntegrationSettings {
        var settings = operators ?? IntegrationSettings()
        settings.clientID = clientID
        settings.clientSecret = clientSecret
        settings.keyID = keyID
        settings.keyIssuer = keyIssuer
        settings.scopes = scopes
        settings.parameters = parameters
        settings.host = host
        settings.sharesRedirectURI = false
        settings.owner = workspaceID
        return settings
    }
}
