/// An integration with a client, made ready: what never changes is computed once.
/// A class, since the hot path hands it on for the price of one reference.
package final class ConfiguredIntegration: Sendable {
    package let integration: Integration
    package let clientID: String
    package let clientSecret: ClientSecret?
    /// Where the integration's client secrets are signed.
    package let clientKey: ClientKey?
    package let authorizationKeys: AuthorizationKeys
    /// The integration's own, unless the discovery document offers only the other.
    package let tokenAuthentication: ClientAuthentication
    package let refreshAuthentication: ClientAuthentication
    /// As at the token endpoint, unless the discovery document says otherwise.
    package let revocationAuthentication: ClientAuthentication
    /// A missing `iss` is refused (RFC 9207 §2.4).
    package let sendsIssuer: Bool
    package let allowsInsecureLoopback: Bool
    /// For checking ID tokens; nil until the discovery document was read, and where there is none.
    package let idTokens: IDTokenIssuer?
    /// The operator says how the client authenticates, so discovery does not.
    let isAuthenticationSet: Bool
    let scopes: [String]?
    let urls: EndpointTemplates
    /// The endpoints before the callback where no parameter needs a value and no discovery is left to wait for.
    private let fixed: Endpoints?

    /// Throws the names of all missing settings. Plain `http` to loopback is for development and tests.
    package convenience init(
        _ integration: Integration, settings: IntegrationSettings, allowsInsecureLoopback: Bool = false
    ) throws(SettingsError) {
        let check = SettingsCheck(integration, settings, allowsInsecureLoopback: allowsInsecureLoopback)
        guard let clientID = settings.clientID, check.isPassed else { throw check.error }
        self.init(
            integration, clientID: clientID, clientSecret: settings.clientSecret, clientKey: check.clientKey,
            scopes: settings.scopes, urls: check.urls, sendsIssuer: integration.sendsIssuer,
            tokenAuthentication: settings.clientAuthentication ?? integration.token.authentication,
            refreshAuthentication: settings.clientAuthentication ?? integration.refresh.authentication,
            isAuthenticationSet: settings.clientAuthentication != nil,
            allowsInsecureLoopback: allowsInsecureLoopback)
    }

    init(
        _ integration: Integration, clientID: String, clientSecret: ClientSecret?, clientKey: ClientKey?,
        scopes: [String]?, urls: EndpointTemplates, sendsIssuer: Bool,
        tokenAuthentication: ClientAuthentication,
        refreshAuthentication: ClientAuthentication, revocationAuthentication: ClientAuthentication? = nil,
        isAuthenticationSet: Bool = false,
        allowsInsecureLoopback: Bool,
        idTokens: IDTokenIssuer? = nil
    ) {
        self.integration = integration
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.clientKey = clientKey
        self.scopes = scopes
        self.urls = urls
        self.sendsIssuer = sendsIssuer
        self.tokenAuthentication = tokenAuthentication
        self.refreshAuthentication = refreshAuthentication
        self.revocationAuthentication = revocationAuthentication ?? tokenAuthentication
        self.isAuthenticationSet = isAuthenticationSet
        self.allowsInsecureLoopback = allowsInsecureLoopback
        self.idTokens = idTokens
        authorizationKeys = AuthorizationKeys(integration)
        var defaults: [String: String] = [:]
        let early = integration.parameters.filter { $0.callbackField == nil }
        for parameter in early { defaults[parameter.name] = parameter.defaultValue }
        fixed =
            defaults.count == early.count
            ? urls.filled(defaults, late: [:], clientID: clientID, rules: integration.authorization) : nil
    }

    package var id: String { integration.id }

    /// A parameter gives the host of an endpoint that is sent requests, beyond a label under a fixed name.
    package var isHostNamedByCaller: Bool {
        [urls.token, urls.refresh, urls.revocation, urls.secondExchange].contains { template in
            guard let template else { return false }
            do throws(TemplateError) {
                return try !template.fixesSite(integration.parameters)
            } catch {
                return true
            }
        }
    }

    /// The endpoints come from the issuer's discovery document, and it has not been read yet.
    package var needsDiscovery: Bool { urls.authorization == nil || urls.token == nil }

    /// The issuer as configured or in the catalog, where it names no parameter.
    package var issuer: String? { urls.issuer?.isConstant == true ? urls.issuer?.text : nil }

    /// The revocation endpoint as it is written, before parameters are filled in.
    package var revocationURL: String? { urls.revocation?.text }

    /// The scopes to ask for: the caller's, else the operator's, else the integration's; and those always
    /// needed.
    package func scopes(requested: [String]) -> [String] {
        integration.scope.requested(requested.isEmpty ? scopes ?? [] : requested)
    }

    /// The endpoints for an initiate request's `params`.
    package func endpoints(parameters: [String: String] = [:]) throws(ParameterError) -> Endpoints {
        if let fixed, parameters.isEmpty { return fixed }
        return try endpoints(parameters: parameters, callbackFields: nil)
    }

    /// The endpoints once the callback is there, and again for each refresh with what was stored of it.
    package func endpoints(
        parameters: [String: String], callbackFields: [String: String]
    ) throws(ParameterError) -> Endpoints {
        try endpoints(parameters: parameters, callbackFields: .some(callbackFields))
    }

    package func fingerprint(parameters: [String: String] = [:]) throws(ParameterError) -> UInt32 {
        try endpoints(parameters: parameters).fingerprint
    }

    private func endpoints(
        parameters: [String: String], callbackFields: [String: String]?
    ) throws(ParameterError) -> Endpoints {
        let declared = integration.parameters
        if let fixed, parameters.isEmpty, declared.allSatisfy({ $0.callbackField == nil }) { return fixed }
        for name in parameters.keys.sorted()
        where !declared.contains(where: { $0.name == name && $0.callbackField == nil }) {
            throw .unknown(name: name)
        }
        var early: [String: String] = [:]
        var late: [String: String] = [:]
        for parameter in declared {
            if let field = parameter.callbackField {
                guard let callbackFields else { continue }
                guard let value = callbackFields[field] else {
                    throw .missing(name: parameter.name, label: parameter.label)
                }
                late[parameter.name] = try parameter.checked(value)
            } else if let value = parameters[parameter.name] {
                early[parameter.name] = try parameter.checked(value)
            } else if let value = parameter.defaultValue {
                early[parameter.name] = value
            } else {
                throw .missing(name: parameter.name, label: parameter.label)
            }
        }
        guard
            let endpoints = urls.filled(
                early, late: late, clientID: clientID, rules: integration.authorization)
        else { throw .discoveryPending }
        return endpoints
    }
}
