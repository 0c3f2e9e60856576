internal import Encodings

/// An integration with a client, made ready: what never changes is computed once.
/// A class, since the hot path hands it on for the price of one reference.
package final class ConfiguredIntegration: Sendable {
    package let integration: Integration
    package let clientID: String
    package let clientSecret: ClientSecret?
    /// Where the integration's client secrets are signed.
    package let clientKey: ClientKey?
    /// The workspace whose own client it is; `nil`: the operator's.
    package let owner: String?
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
    /// The operator wants refresh tokens from a provider that is discovered.
    let wantsOfflineAccess: Bool
    /// And the provider's document offers them.
    let asksOfflineAccess: Bool
    let scopes: [String]?
    let urls: EndpointTemplates
    /// What the settings give for templates, by the names there; some are secret.
    let clientValues: [String: String]
    /// One redirect URI serves all hosts under the fixed name.
    let sharesRedirectURI: Bool
    /// The host that the client belongs to, where callers name hosts.
    let clientHost: ClientHost?
    /// The server whose document named the endpoints, where each connection names its own.
    let server: DiscoveryTarget?
    /// The same client at such servers; `nil` where there are none, and at one.
    let discovered: DiscoveredClients?
    private let context: RedirectContext?
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
            wantsOfflineAccess: settings.wantsOfflineAccess,
            allowsInsecureLoopback: allowsInsecureLoopback, clientValues: check.values, owner: settings.owner,
            sharesRedirectURI: settings.sharesRedirectURI, clientHost: check.clientHost)
    }

    init(
        _ integration: Integration, clientID: String, clientSecret: ClientSecret?, clientKey: ClientKey?,
        scopes: [String]?, urls: EndpointTemplates, sendsIssuer: Bool,
        tokenAuthentication: ClientAuthentication,
        refreshAuthentication: ClientAuthentication, revocationAuthentication: ClientAuthentication? = nil,
        isAuthenticationSet: Bool = false,
        wantsOfflineAccess: Bool = false, offersOfflineAccess: Bool = false,
        allowsInsecureLoopback: Bool, clientValues: [String: String],
        idTokens: IDTokenIssuer? = nil, owner: String? = nil, sharesRedirectURI: Bool = false,
        clientHost: ClientHost? = nil, server: DiscoveryTarget? = nil
    ) {
        self.integration = integration
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.clientKey = clientKey
        self.owner = owner
        self.scopes = scopes
        var urls = urls
        urls.revocation = urls.revocation?.filling("client_id", with: PercentEncoding.encode(clientID))
        self.urls = urls
        self.sendsIssuer = sendsIssuer
        self.tokenAuthentication = tokenAuthentication
        self.refreshAuthentication = refreshAuthentication
        // A client that the operator calls public has no secret for revocations either.
        let isPublic = isAuthenticationSet && tokenAuthentication == .none
        self.revocationAuthentication =
            revocationAuthentication
            ?? (isPublic ? nil : integration.revocation.authentication) ?? tokenAuthentication
        self.isAuthenticationSet = isAuthenticationSet
        self.wantsOfflineAccess = wantsOfflineAccess
        asksOfflineAccess = wantsOfflineAccess && offersOfflineAccess && integration.scope.mode != .none
        self.allowsInsecureLoopback = allowsInsecureLoopback
        self.idTokens = idTokens
        self.clientValues = clientValues
        self.sharesRedirectURI = sharesRedirectURI
        self.clientHost = clientHost
        self.server = server
        discovered = integration.discovery == nil || server != nil ? nil : DiscoveredClients()
        let context = RedirectContext(
            integration, clientID: clientID, owner: owner, isShared: sharesRedirectURI)
        self.context = context
        authorizationKeys = AuthorizationKeys(integration)
        var defaults = clientValues
        let asked = integration.parameters.filter { $0.source == .caller }
        for parameter in asked {
            guard let value = parameter.defaultValue else { continue }
            defaults.merge(parameter.values(value)) { _, last in last }
        }
        fixed  // What callers may name is compared with the client's host each time.
        =
            clientHost == nil && server == nil && asked.allSatisfy { $0.defaultValue != nil }
            ? urls.filled(
                defaults, late: [:], clientID: clientID, rules: integration.authorization,
                asksOfflineAccess: asksOfflineAccess, context: context) : nil
    }

    package var id: String { integration.id }

    /// A parameter gives the host of an endpoint that is sent requests, beyond a label under a fixed name.
    package var isHostNamedByCaller: Bool {
        [
            urls.token, urls.refresh, urls.revocation, urls.secondExchange, integration.discovery?.base,
        ].contains { template in
            guard let template else { return false }
            do throws(TemplateError) {
                return try !template.fixesSite(integration.parameters)
            } catch {
                return true
            }
        }
    }

    /// The endpoints come from the issuer's discovery document, and it has not been read yet.
    package var needsDiscovery: Bool {
        integration.discovery == nil && (urls.authorization == nil || urls.token == nil)
    }

    /// The issuer as configured or in the catalog, where it names no parameter.
    package var issuer: String? { urls.issuer?.isConstant == true ? urls.issuer?.text : nil }

    /// As it is written, before parameters are filled in; `nil`: the discovery document says it.
    package var authorizationURL: String? { urls.authorization?.text }

    /// As it is written, before parameters are filled in; `nil`: the discovery document says it.
    package var tokenURL: String? { urls.token?.text }

    /// The revocation endpoint as it is written, before parameters are filled in.
    package var revocationURL: String? { urls.revocation?.text }

    /// The parameters that say at which server or tenant an account is known: what callers and callbacks give of the
    /// endpoints' hosts and paths.
    package var tenantParameters: [TemplateParameter] {
        guard integration.account.uniqueness == .tenant else { return [] }
        let templates = [urls.issuer, integration.discovery?.base, urls.authorization, urls.token]
        let names = templates.flatMap { $0?.namesBeforeQuery ?? [] }
        return integration.parameters.filter { $0.source != .client && names.contains($0.name) }
    }

    /// The scopes to ask for: the caller's, else the operator's, else the integration's; and those always
    /// needed.
    package func scopes(requested: [String]) -> [String] {
        let scopes = integration.scope.requested(requested.isEmpty ? scopes ?? [] : requested)
        guard asksOfflineAccess, !scopes.contains(OfflineAccess.scope) else { return scopes }
        return scopes + [OfflineAccess.scope]
    }

    /// The same, with a flow's values in those that hold parameters.
    package func scopes(requested: [String], endpoints: Endpoints) -> [String] {
        let scopes = scopes(requested: requested)
        let templates = integration.scope.templates
        guard !templates.isEmpty else { return scopes }
        return scopes.map { templates[$0]?.filled(endpoints.values) ?? $0 }
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

    /// The last segment of the redirect URI for a flow with these parameters, which is known before the endpoints are.
    ///
    /// - Returns: `nil` where the integration's only redirect URI will do.
    package func redirectContext(parameters: [String: String] = [:]) throws(ParameterError) -> String? {
        guard let context else { return nil }
        let (values, _) = try values(parameters: parameters, callbackFields: nil)
        return context.text(values, issuer: urls.issuer?.filled(values))
    }

    /// The document that names the endpoints of the server that the parameters name, with every check of the parameters.
    ///
    /// - Returns: `nil` where no connection names a server.
    package func discoveryTarget(
        parameters: [String: String] = [:]
    ) throws(ParameterError) -> DiscoveryTarget? {
        guard integration.discovery != nil else { return nil }
        return target(try values(parameters: parameters, callbackFields: nil).early)
    }

    private func target(_ values: [String: String]) -> DiscoveryTarget? {
        integration.discovery.map {
            DiscoveryTarget(
                kind: $0.kind, base: $0.base.filled(values), isHostNamedByCaller: isHostNamedByCaller)
        }
    }

    /// The client with the endpoints of the server that the parameters name; itself where they name none.
    ///
    /// Throws `discoveryPending` where the server's document was not read yet, or too long ago.
    package func discovered(parameters: [String: String]) throws(ParameterError) -> ConfiguredIntegration {
        guard let discovered, let target = try discoveryTarget(parameters: parameters) else { return self }
        guard let client = discovered.client(at: target) else { throw .discoveryPending }
        return client
    }

    /// Where the provider's API is for a connection; `nil` where the entry does not say, where what the URL is made of did not
    /// come, or where another provider issues the tokens.
    ///
    /// - Parameters:
    ///   - parameters: the initiate request's, of which each is checked.
    ///   - kept: the fields that the connection keeps.
    package func apiBaseURL(parameters: [String: String], kept: [String: String]) -> String? {
        guard let api = integration.api, let url = urls.api else { return nil }
        do {
            let (early, late) = try values(parameters: parameters, callbackFields: kept)
            return try url.filled(
                parameters: early.merging(late) { first, _ in first }, kept: kept, hosts: api.hosts)
        } catch {
            return nil
        }
    }

    package func fingerprint(parameters: [String: String] = [:]) throws(ParameterError) -> UInt32 {
        try endpoints(parameters: parameters).fingerprint
    }

    private func endpoints(
        parameters: [String: String], callbackFields: [String: String]?
    ) throws(ParameterError) -> Endpoints {
        let declared = integration.parameters
        if let fixed, parameters.isEmpty, declared.allSatisfy({ $0.keptField == nil }) { return fixed }
        let (early, late) = try values(parameters: parameters, callbackFields: callbackFields)
        // One server's endpoints are not another's.
        guard server == nil || server == target(early),
            let endpoints = urls.filled(
                early, late: late, clientID: clientID, rules: integration.authorization,
                asksOfflineAccess: asksOfflineAccess, context: context)
        else { throw .discoveryPending }
        return endpoints
    }

    /// The checked values of all parameters, and apart those that came with the callback.
    private func values(
        parameters: [String: String], callbackFields: [String: String]?
    ) throws(ParameterError) -> (early: [String: String], late: [String: String]) {
        let declared = integration.parameters
        for name in parameters.keys.sorted()
        where !declared.contains(where: { $0.name == name && $0.source == .caller }) {
            throw .unknown(name: name)
        }
        var early = clientValues
        var late: [String: String] = [:]
        for parameter in declared {
            switch parameter.source {
            case .client: break
            case .callback(let field):
                guard let callbackFields else { continue }
                let value = try value(of: parameter, callbackFields[field])
                late.merge(parameter.values(value)) { _, last in last }
            case .response(let field):
                // Until the token response is there, nothing is sent to a URL with this place.
                guard let given = callbackFields?[field] else { continue }
                let value = try value(of: parameter, given)
                late.merge(parameter.values(value)) { _, last in last }
            case .caller:
                let value = try value(of: parameter, parameters[parameter.name])
                early.merge(parameter.values(value)) { _, last in last }
            }
        }
        return (early, late)
    }

    private func value(
        of parameter: TemplateParameter, _ given: String?
    ) throws(ParameterError) -> String {
        guard let value = given ?? parameter.defaultValue else {
            throw .missing(name: parameter.name, label: parameter.label)
        }
        let checked = try parameter.checked(value, allowsInsecureLoopback: allowsInsecureLoopback)
        if let clientHost, clientHost.parameter == parameter.name,
            !clientHost.allows(checked, kind: parameter.kind)
        {
            throw .invalid(name: parameter.name, reason: "is not the host that the client belongs to")
        }
        return checked
    }
}
