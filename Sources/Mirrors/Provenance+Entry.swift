internal import Cryptography
internal import Encodings
internal import Integrations
internal import OAuth

extension Provenance {
    /// What an entry itself says of its provider, for one that no source is at hand for. The mirror is as strict as the
    /// entry then.
    ///
    /// - Parameters:
    ///   - parameters: for the entry's templates.
    ///   - values: fields that the provider answers with, by the names under which the entry keeps them.
    init(
        entry client: ConfiguredIntegration, parameters: [String: String], values: [String: String]
    ) throws(ParameterError) {
        let entry = client.integration
        let example = RecordedExample(
            entry: client, at: try client.endpoints(parameters: parameters), values: values)
        let endpoints = try client.endpoints(
            parameters: parameters,
            callbackFields: example.callback.merging(example.responseFields(of: entry)) { first, _ in first })
        var facts = EntryFacts(client, endpoints)
        facts.add(.authorizationEndpoint, endpoints.authorization)
        facts.add(.tokenEndpoint, endpoints.token)
        if endpoints.refresh != endpoints.token { facts.add(.refreshEndpoint, endpoints.refresh) }
        facts.add(.revocationEndpoint, endpoints.revocation)
        facts.addAuthorization()
        facts.addToken()
        facts.addExchangeAfter()
        facts.addRefresh()
        if endpoints.revocation != nil { facts.addRevocation() }
        facts.addLookup()
        self.init(id: entry.id, seen: "", sources: [:], facts: facts.facts, example: example)
    }

    /// The same, with an entry's own word for what no source shows and without which no flow comes to its end: where the
    /// requests go, and what is answered.
    func completed(by entry: Provenance) -> Provenance {
        var all = facts
        var names: [FactName] = [.authorizationEndpoint, .tokenEndpoint, .revocationEndpoint, .callbackNames]
        if facts[.exchangeEndpoint] == nil {
            names += [.exchangeEndpoint, .exchangeMethod, .exchangeParameters]
        }
        if facts[.refreshParameters] == nil {
            names += [
                .refreshEndpoint, .refreshMethod, .refreshBody, .refreshAuthentication, .refreshedToken,
                .refreshParameters,
            ]
            if facts[.tokenNames] == nil { names.append(.refreshNames) }
        }
        for name in names where all[name] == nil { all[name] = entry.facts[name] }
        var example = example
        if example.tokenResponse == .null { example.tokenResponse = entry.example.tokenResponse }
        if example.exchangeResponse == nil { example.exchangeResponse = entry.example.exchangeResponse }
        if example.lookupResponse == nil { example.lookupResponse = entry.example.lookupResponse }
        if example.callback.isEmpty { example.callback = entry.example.callback }
        example.accessTokenPaths = entry.example.accessTokenPaths
        example.refreshTokenPaths = entry.example.refreshTokenPaths
        return Provenance(id: id, seen: seen, sources: sources, facts: all, example: example)
    }
}

/// Writes an entry's rules as facts.
private struct EntryFacts {
    private(set) var facts: [FactName: Fact] = [:]
    private let client: ConfiguredIntegration
    private let endpoints: Endpoints
    private var entry: Integration { client.integration }

    init(_ client: ConfiguredIntegration, _ endpoints: Endpoints) {
        self.client = client
        self.endpoints = endpoints
    }

    mutating func add(_ name: FactName, _ text: String?) {
        if let text { facts[name] = Fact(value: .string(text)) }
    }

    private mutating func add(_ name: FactName, _ members: [String: JSONValue]) {
        facts[name] = Fact(value: .object(members))
    }

    private func filled(
        _ templates: [NamedTemplate], with more: [String: String] = [:]
    ) -> [String: JSONValue] {
        texts(of: templates.map { (name: $0.name, value: $0.value) }, with: more)
    }

    private func texts(
        of templates: [(name: String, value: Template)], with more: [String: String]
    ) -> [String: JSONValue] {
        var members: [String: JSONValue] = [:]
        let values = endpoints.values.merging(["client_id": client.clientID]) { _, last in last }
            .merging(more) { _, last in last }
        for template in templates { members[template.name] = .string(template.value.filled(values)) }
        return members
    }

    mutating func addAuthorization() {
        let rules = entry.authorization
        add(.pkce, rules.pkce.rawValue)
        var names: [String: JSONValue] = [:]
        for name in AuthorizationRules.Name.allCases {
            names[name.rawValue] = rules.name(name).map { .string($0) } ?? .null
        }
        add(.authorizationNames, names)
        var fixed: [(name: String, value: Template)] = []
        for parameter in rules.parameters {
            if let value = parameter.value { fixed.append((parameter.name, value)) }
        }
        var parameters = texts(of: fixed, with: [:])
        if rules.responseType != "code" { parameters["response_type"] = .string(rules.responseType) }
        if let own = endpoints.redirectURI { parameters["redirect_uri"] = .string(own) }
        if let second = entry.scope.secondList {
            let scopes = client.scopes(requested: [], endpoints: endpoints)
                .filter { $0.hasPrefix(second.prefix) }
            let text = scopes.map { String($0.dropFirst(second.prefix.count)) }
                .joined(separator: entry.scope.separator)
            if !text.isEmpty { parameters[second.parameter] = .string(text) }
        }
        add(.authorizationParameters, parameters)
        switch entry.scope.mode {
        case .none: facts[.scopeSeparator] = Fact(value: .null)
        case .fixed: facts[.fixedScopes] = Fact(value: .boolean(true))
        case .sent:
            // A plus sign that is not encoded is read as a space.
            let isSpace = entry.scope.isSeparatorUnencoded && entry.scope.separator == "+"
            add(.scopeSeparator, isSpace ? " " : entry.scope.separator)
        }
        facts[.requiredScopes] = Fact(
            value: .array(
                entry.scope.required.map {
                    .string(entry.scope.templates[$0]?.filled(endpoints.values) ?? $0)
                }))
        if rules.nonce == .always { facts[.nonce] = Fact(value: .boolean(true)) }
        if let limit = entry.maxStateLength { add(.maxStateLength, "\(limit)") }
        add(.callbackNames, ["code": .string(entry.callback.codeParameter)])
    }

    mutating func addToken() {
        let rules = entry.token
        add(.authentication, authentication(client.tokenAuthentication))
        if rules.signedClientSecret != nil { add(.clientSecret, "signed") }
        add(.tokenMethod, rules.shape.method.rawValue)
        add(.body, rules.shape.body.rawValue)
        add(.tokenNames, names(rules.shape))
        var parameters = filled(rules.parameters)
        if rules.sendsState, let name = rules.shape.name(.state) { parameters[name] = "{state}".value }
        add(.tokenParameters, parameters)
        if !rules.shape.headers.isEmpty { add(.tokenHeaders, filled(rules.shape.headers)) }
        if let assertion = rules.clientAssertion { addAssertion(assertion) }
    }

    private mutating func addAssertion(_ rules: ClientAssertion) {
        let audience: String? =
            switch rules.audience {
            case .issuer: endpoints.issuer
            case .tokenEndpoint: endpoints.token
            case .fixed(let text): text
            }
        var members = ["alg": rules.algorithm.rawValue.value]
        if let audience { members["aud"] = audience.value }
        add(.assertion, members)
    }

    mutating func addExchangeAfter() {
        guard let rules = entry.secondExchange,
            let url = client.secondExchangeURL(parameters: endpoints.values)
        else { return }
        add(.exchangeEndpoint, url)
        add(.exchangeMethod, rules.shape.method.rawValue)
        guard rules.authentication == nil else { return }
        let own = ["access_token": "{access_token}", "client_secret": "{client_secret}"]
        add(.exchangeParameters, filled(rules.parameters, with: own))
    }

    mutating func addRefresh() {
        let rules = entry.refresh
        add(.refresh, rules.mode.rawValue)
        guard rules.mode != .none else { return }
        add(.refreshAuthentication, authentication(client.refreshAuthentication))
        add(.refreshMethod, rules.shape.method.rawValue)
        add(.refreshBody, rules.shape.body.rawValue)
        add(.refreshedToken, rules.token.rawValue)
        var names = names(rules.shape)
        if let name = rules.tokenName { names["refresh_token"] = name.value }
        add(.refreshNames, names)
        let own = filled(rules.parameters)
        let isAuthenticated = rules.shape.name(.clientID) != nil && rules.shape.name(.clientSecret) != nil
        guard !isAuthenticated || !own.isEmpty, client.refreshAuthentication == .clientSecretPost,
            entry.token.clientAssertion == nil, entry.token.signedClientSecret == nil
        else { return }
        var parameters: [String: JSONValue] = [:]
        if let name = rules.shape.name(.grantType) { parameters[name] = "refresh_token".value }
        if let name = rules.tokenName { parameters[name] = "{token}".value }
        if let name = rules.shape.name(.clientID) { parameters[name] = "{client_id}".value }
        if let name = rules.shape.name(.clientSecret) { parameters[name] = "{client_secret}".value }
        if rules.sendsRedirectURI, let name = rules.shape.name(.redirectURI) {
            parameters[name] = "{redirect_uri}".value
        }
        if rules.sendsState, let name = rules.shape.name(.state) { parameters[name] = "{any}".value }
        add(.refreshParameters, parameters.merging(own) { _, last in last })
    }

    mutating func addRevocation() {
        let rules = entry.revocation
        add(.revocationMethod, rules.shape.method.rawValue)
        add(.revocationBody, rules.shape.body.rawValue)
        var names = names(rules.shape)
        if !rules.sendsTokenTypeHint { names["token_type_hint"] = .null }
        add(.revocationNames, names)
        if let token = rules.token { add(.revokedToken, token.rawValue) }
        add(.revocationParameters, filled(rules.parameters))
        if !rules.shape.headers.isEmpty {
            let own = ["token": "{token}", "client_secret": "{client_secret}"]
            add(.revocationHeaders, filled(rules.shape.headers, with: own))
        }
        guard rules.placement == .parameter else { return add(.revocationAuthentication, "bearer") }
        // One that leaves the client's id or secret out authenticates by the token alone.
        if rules.shape.name(.clientID) != nil, rules.shape.name(.clientSecret) != nil {
            add(.revocationAuthentication, authentication(client.revocationAuthentication))
        }
    }

    mutating func addLookup() {
        guard let lookup = entry.account.lookup else { return }
        add(.lookupMethod, lookup.method.rawValue)
        if let body = lookup.body { facts[.lookupBody] = Fact(value: body) }
        var headers: [String: JSONValue] = [:]
        for header in lookup.headers where header.value.names.allSatisfy(Self.areKnown) {
            headers[header.name] =
                header.value.filled(
                    ["access_token": "{access_token}", "client_id": "{client_id}"]
                ).value
        }
        guard headers.count == lookup.headers.count else { return }
        switch lookup.authorization {
        case .bearer: headers["Authorization"] = "Bearer {access_token}".value
        case .raw: headers["Authorization"] = "{access_token}".value
        case nil: break
        }
        add(.lookupHeaders, headers)
    }

    private static func areKnown(_ name: String) -> Bool { ["access_token", "client_id"].contains(name) }

    private func names(_ shape: RequestShape) -> [String: JSONValue] {
        var names: [String: JSONValue] = [:]
        for name in RequestShape.Name.allCases {
            names[name.rawValue] = shape.name(name).map { .string($0) } ?? .null
        }
        return names
    }

    private func authentication(_ rules: ClientAuthentication) -> String {
        if entry.token.clientAssertion != nil { return "private_key_jwt" }
        return rules == .basicUnencoded ? ClientAuthentication.clientSecretBasic.rawValue : rules.rawValue
    }
}

extension RecordedExample {
    /// Responses with everything in them that an entry looks for.
    fileprivate init(entry client: ConfiguredIntegration, at endpoints: Endpoints, values: [String: String]) {
        let entry = client.integration
        let rules = entry.response
        var answer = JSONValue.object([:])
        if let value = rules.successValues.first, let path = rules.error.first {
            answer.put(value.value, at: path.names[...])
        }
        answer.put("Bearer".value, at: rules.tokenType)
        answer.put(.number("3600"), at: rules.expiresIn)
        var next = answer
        answer.put("access-1".value, at: rules.accessToken)
        next.put("access-2".value, at: rules.accessToken)
        if entry.refresh.mode != .none, entry.refresh.token == .refreshToken {
            answer.put("refresh-1".value, at: rules.refreshToken)
            if entry.refresh.mode == .rotates { next.put("refresh-2".value, at: rules.refreshToken) }
        }
        if let second = rules.second { answer.put("access-of-another".value, at: second.accessToken) }
        for field in rules.fields {
            answer.put((values[field.description] ?? "\(field)").value, at: field.names[...])
        }
        var claims = JSONValue.object(["iss": (client.issuer ?? "https://issuer.example").value])
        var lookup = JSONValue.object([:])
        var callback: [String: String] = [:]
        for field in entry.callback.fields { callback[field] = values[field] ?? field }
        for parameter in entry.parameters {
            if let field = parameter.callbackField { callback[field] = values[field] ?? parameter.sample }
            if let field = parameter.responseField {
                answer.put((values[field] ?? parameter.sample).value, at: [field][...])
            }
        }
        for field in entry.callback.expected {
            callback[field.name] = field.value.filled(endpoints.values)
        }
        if entry.sendsIssuer { callback["iss"] = client.issuer }
        let parts = (entry.account.id.first?.parts ?? []).compactMap(\.first)
        let fields = entry.account.fields.compactMap(\.paths.first)
        let label = Array(entry.account.label.prefix(1))
        for path in parts + label + fields {
            let value = (values[path.description] ?? path.names.last ?? "").value
            let inner = path.names.dropFirst()
            if path.leadsIntoLookup {
                lookup.put(value, at: inner)
            } else if path.leadsIntoClaims {
                claims.put(value, at: inner)
            } else if path.callbackField == nil, answer[path] == nil {
                answer.put(value, at: path.names[...])
            }
        }
        self.init(tokenResponse: answer)
        self.callback = callback
        refreshResponse = next
        lookupResponse = entry.account.lookup == nil ? nil : lookup
        exchangeResponse =
            entry.secondExchange == nil
            ? nil : .object(["access_token": "access-after".value, "expires_in": .number("5184000")])
        if exchangeResponse != nil, let path = rules.accessToken.first, path.names.count > 1 {
            exchangeResponse = .object([:])
            exchangeResponse?.put("access-after".value, at: rules.accessToken)
        }
        if client.scopes(requested: []).contains("openid") || parts.contains(where: \.leadsIntoClaims) {
            idTokenClaims = claims
        }
        accessTokenPaths = rules.accessToken
        refreshTokenPaths = rules.refreshToken
    }

    /// What a token response has for parameters of the entry.
    fileprivate func responseFields(of entry: Integration) -> [String: String] {
        var fields: [String: String] = [:]
        for name in entry.parameters.compactMap(\.responseField) {
            if case .object(let members) = tokenResponse { fields[name] = members[name]?.text }
        }
        return fields
    }
}

extension TemplateParameter {
    /// A value that the parameter may have, unless its pattern is a narrow one.
    var sample: String {
        if let value = example ?? defaultValue ?? choices.first?.id { return value }
        return switch kind {
        case .label, .segment, .choice: "acme"
        case .host: "acme.example.com"
        case .url: "https://acme.example.com"
        }
    }
}

extension String {
    fileprivate var value: JSONValue { .string(self) }
}

extension JSONValue {
    fileprivate mutating func put(_ value: JSONValue, at paths: [ResponsePath]) {
        if let path = paths.first { put(value, at: path.names[...]) }
    }
}
