internal import Cryptography

/// Compares an integration's needs with what is configured.
struct SettingsCheck {
    private(set) var urls: EndpointTemplates
    private(set) var clientKey: ClientKey?
    /// What the settings give for the integration's templates, by the names there.
    private(set) var values: [String: String] = [:]
    /// The host that the client belongs to.
    private(set) var clientHost: ClientHost?
    private let prefix: String
    private var missing: [String] = []
    private var invalid: [String] = []
    /// One of the settings' URLs is none, so that what it leaves open is not missing.
    private var hasInvalidURL = false

    var isPassed: Bool { missing.isEmpty && invalid.isEmpty }
    var error: SettingsError { SettingsError(missing: missing, invalid: invalid) }

    init(_ integration: Integration, _ settings: IntegrationSettings, allowsInsecureLoopback: Bool) {
        let owner = settings.owner.map { "workspaces.\($0)." } ?? ""
        prefix = "\(owner)integrations.\(integration.id)"
        urls = EndpointTemplates(
            authorization: integration.authorizationEndpoint, token: integration.tokenEndpoint,
            refresh: integration.refreshEndpoint, revocation: integration.revocationEndpoint,
            issuer: integration.issuer, accountLookup: integration.account.lookup?.url,
            secondExchange: integration.secondExchange?.url, verification: integration.verification?.call.url,
            api: integration.api?.url)
        if settings.clientID?.isEmpty ?? true { missing.append("\(prefix).client_id") }
        let needsSecret = settings.clientAuthentication.map { $0 != .none } ?? integration.usesClientSecret
        // A workspace's own comes by file alone.
        let secretName = "\(prefix).client_secret\(settings.owner == nil ? "" : "_file")"
        if needsSecret, settings.clientSecret?.exposed.isEmpty ?? true { missing.append(secretName) }
        if let fault = settings.clientID.flatMap({ PlaceholderText.fault(inClientID: $0) }) {
            invalid.append("\(prefix).client_id \(fault)")
        }
        if let fault = settings.clientSecret.flatMap({ PlaceholderText.fault(inSecret: $0.exposed) }) {
            invalid.append("\(secretName) \(fault)")
        }
        for parameter in integration.parameters where parameter.source == .client {
            read(parameter, settings, allowsInsecureLoopback)
        }
        let hostProblem = readHost(integration, settings, needsSecret: needsSecret, allowsInsecureLoopback)
        if integration.token.signedClientSecret != nil {
            checkKey(settings)
        } else if let rules = integration.token.clientAssertion {
            checkKey(settings, of: rules)
        }
        // A token endpoint of the operator's must not leave refreshes, revocations and look-ups at the catalog's. An entry
        // that leaves its endpoints to the operator is the operator's own.
        if settings.tokenEndpoint != nil || settings.issuer != nil, !integration.hasConfiguredEndpoints {
            urls.refresh = nil
            urls.revocation = nil
            urls.accountLookup = nil
            urls.secondExchange = nil
            urls.verification = nil
            urls.api = nil
        }
        if settings.issuer != nil {
            urls.authorization = nil
            urls.token = nil
        }
        if integration.discovery != nil { refuseEndpoints(settings) }
        replace(\.issuer, settings.issuer, "issuer", allowsInsecureLoopback)
        replace(
            \.authorization, settings.authorizationEndpoint, "authorization_endpoint", allowsInsecureLoopback)
        replace(\.token, settings.tokenEndpoint, "token_endpoint", allowsInsecureLoopback)
        replace(\.refresh, settings.refreshEndpoint, "refresh_endpoint", allowsInsecureLoopback)
        replace(\.revocation, settings.revocationEndpoint, "revocation_endpoint", allowsInsecureLoopback)
        if needsSecret, !hostProblem { checkSecretHosts(integration) }
        if settings.sharesRedirectURI { checkSharedHosts(integration) }
        if (settings.authorizationEndpoint == nil) != (settings.tokenEndpoint == nil), settings.issuer == nil
        {
            // One without the other would send one provider's code to another (RFC 9700 §4.4).
            missing.append(
                "\(prefix).\(settings.tokenEndpoint == nil ? "token_endpoint" : "authorization_endpoint")")
        } else if !hasInvalidURL, integration.discovery == nil, urls.issuer == nil,
            urls.authorization == nil || urls.token == nil
        {
            missing.append("\(prefix).issuer (or authorization_endpoint and token_endpoint)")
        }
    }

    /// Each connection names its server, whose document names the endpoints.
    private mutating func refuseEndpoints(_ settings: IntegrationSettings) {
        for (name, text) in [
            ("issuer", settings.issuer), ("authorization_endpoint", settings.authorizationEndpoint),
            ("token_endpoint", settings.tokenEndpoint), ("refresh_endpoint", settings.refreshEndpoint),
            ("revocation_endpoint", settings.revocationEndpoint),
        ] where text != nil {
            invalid.append(
                "\(prefix).\(name): each connection names its server; for one server of your own use `generic`, whose "
                    + "issuer is a setting")
        }
    }

    /// Reads the host that the client belongs to.
    ///
    /// - Returns: whether it is missing or wrong, which was reported.
    private mutating func readHost(
        _ integration: Integration, _ settings: IntegrationSettings, needsSecret: Bool, _ loopback: Bool
    ) -> Bool {
        let name = "\(prefix).host"
        let given = settings.host.flatMap { $0.isEmpty ? nil : $0 }
        guard let parameter = integration.parameters.first(where: \.isHostOfClient) else {
            if given != nil {
                invalid.append(
                    "\(name): no parameter of the integration says `client_host: true`, so its clients belong to no host"
                )
            }
            return given != nil
        }
        guard let given else {
            // A public client has nothing that another host could take.
            if needsSecret { missing.append(name) }
            return needsSecret
        }
        do throws(ParameterError) {
            let value = try parameter.checked(given, allowsInsecureLoopback: loopback)
            clientHost = ClientHost(parameter: parameter.name, value: value)
            return false
        } catch {
            invalid.append("\(name) \(Self.reason(of: error))")
            return true
        }
    }

    private mutating func read(
        _ parameter: TemplateParameter, _ settings: IntegrationSettings, _ loopback: Bool
    ) {
        let name = "\(prefix).params.\(parameter.name)"
        let given = settings.parameters[parameter.name]?.exposed
        guard let text = given.flatMap({ $0.isEmpty ? nil : $0 }) ?? parameter.defaultValue else {
            missing.append(name)
            return
        }
        do throws(ParameterError) {
            let value = try parameter.checked(text, allowsInsecureLoopback: loopback)
            values.merge(parameter.values(value)) { _, last in last }
        } catch {
            invalid.append("\(name) \(Self.reason(of: error))")
        }
    }

    /// It names the rule, never the value.
    private static func reason(of error: ParameterError) -> String {
        switch error {
        case .invalid(_, let reason): reason
        case .unknown, .missing, .discoveryPending: "cannot be checked: \(error.description)"
        }
    }

    /// The catalog looks at this, too; here a setting may have made a public client confidential.
    private mutating func checkSecretHosts(_ integration: Integration) {
        let endpoints = [
            ("token_endpoint", urls.token), ("refresh_endpoint", urls.refresh),
            ("revocation_endpoint", urls.revocation), ("exchange_after", urls.secondExchange),
            ("discovery", integration.discovery?.base),
        ]
        for (name, url) in endpoints {
            guard let url, !fixesSite(url, integration, isClientsHostFixed: clientHost != nil) else {
                continue
            }
            invalid.append("\(prefix).\(name): \(Integration.secretHostAdvice)")
        }
    }

    /// A URL that cannot be judged fixes none.
    private func fixesSite(
        _ url: URLTemplate, _ integration: Integration, isClientsHostFixed: Bool = false
    ) -> Bool {
        do throws(TemplateError) {
            return try url.fixesSite(integration.parameters, isClientsHostFixed: isClientsHostFixed)
        } catch {
            return false
        }
    }

    /// Servers that strangers run would share a redirect URI, and could pass each other's responses on.
    private mutating func checkSharedHosts(_ integration: Integration) {
        let isFixed = [urls.authorization, urls.token, integration.discovery?.base].allSatisfy { url in
            url.map { fixesSite($0, integration) } ?? true
        }
        if !isFixed {
            invalid.append(
                "\(prefix).shared_redirect_uri: its hosts are under no name that the entry fixes, so each needs a "
                    + "redirect URI of its own")
        }
    }

    private mutating func checkKey(_ settings: IntegrationSettings) {
        if settings.keyID?.isEmpty ?? true { missing.append("\(prefix).key_id") }
        if settings.keyIssuer?.isEmpty ?? true { missing.append("\(prefix).key_issuer") }
        guard let secret = settings.clientSecret?.exposed, !secret.isEmpty else { return }
        do throws(CryptographyError) {
            let key = try SigningKey(pem: secret)
            // ES256 is what providers with signed secrets ask for.
            guard key.type == .p256 else { throw .wrongKey }
            guard let id = settings.keyID, let issuer = settings.keyIssuer else { return }
            clientKey = ClientKey(key: key, id: id, issuer: issuer)
        } catch {
            invalid.append(
                "\(prefix).client_secret: is not a private key on P-256 in PEM without a passphrase, as the provider's "
                    + ".p8 file holds it; name that file in client_secret_file")
        }
    }

    /// The key of assertions needs no issuer, because that is the client, and a name only if the provider wants one.
    private mutating func checkKey(_ settings: IntegrationSettings, of rules: ClientAssertion) {
        guard let secret = settings.clientSecret?.exposed, !secret.isEmpty else { return }
        do throws(CryptographyError) {
            let key = try SigningKey(pem: secret)
            guard SignatureAlgorithm.algorithms(for: key.type).contains(rules.algorithm) else {
                throw .wrongKey
            }
            clientKey = ClientKey(
                key: key, id: settings.keyID ?? "", issuer: settings.clientID ?? "")
        } catch {
            invalid.append(
                "\(prefix).client_secret: is no private key for \(rules.algorithm.rawValue) in PEM without a "
                    + "passphrase; name its file in client_secret_file")
        }
    }

    private mutating func replace(
        _ path: WritableKeyPath<EndpointTemplates, URLTemplate?>, _ text: String?, _ name: String,
        _ loopback: Bool
    ) {
        guard let text else { return }
        do throws(URLTemplateError) {
            urls[keyPath: path] = try URLTemplate(text, parameters: [], allowsInsecureLoopback: loopback)
        } catch {
            hasInvalidURL = true
            invalid.append("\(prefix).\(name): the URL \(error.description)")
        }
    }
}
