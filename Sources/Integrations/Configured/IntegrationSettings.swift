/// What an operator configures for one integration.
package struct IntegrationSettings: Sendable, Equatable {
    package var clientID: String?
    /// For an integration whose client secret is signed: the private key in PEM.
    package var clientSecret: ClientSecret?
    /// The private key's name at the provider, and whose it is, for a client secret that is signed.
    package var keyID: String?
    package var keyIssuer: String?
    /// In place of the integration's default scopes.
    package var scopes: [String]?
    package var issuer: String?
    package var authorizationEndpoint: String?
    package var tokenEndpoint: String?
    package var refreshEndpoint: String?
    package var revocationEndpoint: String?
    /// In place of the integration's own, for refreshes and revocations, too; discovery does not change it.
    package var clientAuthentication: ClientAuthentication?
    /// For the integration's parameters `from: client`, by their names; some are secret.
    package var parameters: [String: ClientSecret]
    /// Asks for a refresh token as OpenID Connect says, where the issuer's document offers it.
    package var wantsOfflineAccess: Bool
    /// One redirect URI for all hosts that a caller may name, where these are all under a fixed name.
    package var sharesRedirectURI = false
    /// The host that the client belongs to, where the integration's callers name hosts.
    package var host: String?
    /// What people are shown of the integration, from a file of the operator's.
    package var logo: Logo?
    /// The workspace whose own client it is; `nil`: the operator's.
    package var owner: String?

    package init(
        clientID: String? = nil, clientSecret: ClientSecret? = nil, keyID: String? = nil,
        keyIssuer: String? = nil, scopes: [String]? = nil, issuer: String? = nil,
        authorizationEndpoint: String? = nil, tokenEndpoint: String? = nil,
        refreshEndpoint: String? = nil, revocationEndpoint: String? = nil,
        clientAuthentication: ClientAuthentication? = nil, parameters: [String: ClientSecret] = [:],
        wantsOfflineAccess: Bool = false
    ) {
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.keyID = keyID
        self.keyIssuer = keyIssuer
        self.scopes = scopes
        self.issuer = issuer
        self.authorizationEndpoint = authorizationEndpoint
        self.tokenEndpoint = tokenEndpoint
        self.refreshEndpoint = refreshEndpoint
        self.revocationEndpoint = revocationEndpoint
        self.clientAuthentication = clientAuthentication
        self.parameters = parameters
        self.wantsOfflineAccess = wantsOfflineAccess
    }
}

/// A client secret; printing or reflecting it shows nothing.
package struct ClientSecret: Sendable, Equatable {
    /// The secret itself, for the token request and nothing else.
    package let exposed: String

    package init(_ text: String) { exposed = text }
}

extension ClientSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "(secret)" }
    package var debugDescription: String { "(secret)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// What is missing from, or wrong with, an integration's configuration. No value is repeated: it could be a
/// secret.
package struct SettingsError: Error, Equatable, CustomStringConvertible {
    /// By name, such as `integrations.gmail.client_id`.
    package let missing: [String]
    /// A setting's name, and what is wrong with it.
    package let invalid: [String]

    package var description: String {
        let sentences =
            (missing.isEmpty ? [] : ["missing: \(missing.joined(separator: ", "))"])
            + invalid
        return sentences.joined(separator: "; ")
    }
}
