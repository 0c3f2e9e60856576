/// What an app asks for when it initiates a flow.
package struct InitiateRequest: Equatable, Sendable {
    package let integrationID: String
    package let authMethodID: String
    /// Nil or empty: the integration's defaults.
    package let scopes: [String]?
    package let redirectURI: String?
    /// Values for the templates in the integration's endpoints.
    package let parameters: [String: String]?
    /// The digest of a secret that only the app's server knows; its presence asks for confirm mode.
    package let binding: String?
    /// The connection to renew.
    package let connectionID: String?
    /// Makes a connection of its own, even where the same user has one of the same account.
    package let isNew: Bool?
    /// Handed back with the redirect, as it is.
    package let appState: String?
    /// Values for parameters of the authorization request that the integration lets callers choose.
    package let authorizationParameters: [String: String]?
    /// What the connection is to be called.
    package let label: String?
    /// The app's own names for the connection, with their values.
    package let tags: [String: String]?
    /// The app's name for its user, for the confirmation page.
    package let userLabel: String?

    package init(
        integrationID: String, authMethodID: String = "oauth2", scopes: [String]? = nil,
        redirectURI: String? = nil,
        parameters: [String: String]? = nil, binding: String? = nil, connectionID: String? = nil,
        isNew: Bool? = nil, appState: String? = nil, authorizationParameters: [String: String]? = nil,
        label: String? = nil,
        tags: [String: String]? = nil, userLabel: String? = nil
    ) {
        self.integrationID = integrationID
        self.authMethodID = authMethodID
        self.scopes = scopes
        self.redirectURI = redirectURI
        self.parameters = parameters
        self.binding = binding
        self.connectionID = connectionID
        self.isNew = isNew
        self.appState = appState
        self.authorizationParameters = authorizationParameters
        self.label = label
        self.tags = tags
        self.userLabel = userLabel
    }
}
