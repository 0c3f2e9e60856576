extension Integration {
    /// What an entry may say, to tell its keys from an operator's settings where both stand side by side.
    package static let entryKeys: Set<String> = [
        "about", "abstract", "account", "api", "auth_methods", "authorization", "authorization_endpoint",
        "callback",
        "configured_endpoints", "default_scopes", "discovery", "discovery_hosts", "documentation",
        "exchange_after", "inherits", "issuer", "label", "max_state_length", "parameters", "pkce", "refresh",
        "refresh_endpoint", "replace", "required_scopes",
        "response", "revocation", "revocation_endpoint", "sandbox", "scope", "sends_iss", "token",
        "token_endpoint", "verification",
    ]

    /// Reads a resolved entry; what is wrong with it goes into the reader's list of mistakes.
    init(id: String, _ entry: SectionReader, allowsInsecureLoopback: Bool) {
        self.id = id
        label = entry.string("label") ?? id
        documentation = entry.string("documentation") ?? ""
        about = AboutRules(entry)
        isSandbox = entry.flag("sandbox") ?? (about.sandboxOf != nil)
        authMethods = entry.strings("auth_methods") ?? ["oauth2"]
        let parameters = TemplateParameter.read(entry)
        self.parameters = parameters
        func url(_ key: String, and places: [TemplateParameter] = []) -> URLTemplate? {
            entry.url(key, parameters: parameters + places, allowsInsecureLoopback: allowsInsecureLoopback)
        }
        let issuer = url("issuer")
        let discovery = DiscoveryRules(
            entry, issuer: issuer, parameters: parameters, allowsInsecureLoopback: allowsInsecureLoopback)
        self.discovery = discovery
        self.issuer = issuer ?? discovery?.issuer
        sendsIssuer = entry.flag("sends_iss") ?? false
        authorizationEndpoint = url("authorization_endpoint")
        tokenEndpoint = url("token_endpoint")
        refreshEndpoint = url("refresh_endpoint")
        revocationEndpoint = url("revocation_endpoint", and: [.clientID])
        hasConfiguredEndpoints = entry.flag("configured_endpoints") ?? false
        maxStateLength = entry.number("max_state_length", in: 1...4_096)
        authorization = AuthorizationRules(entry, parameters: parameters)
        scope = ScopeRules(entry, parameters: parameters)
        callback = CallbackRules(entry, parameters: parameters)
        token = TokenRules(entry, parameters: parameters)
        secondExchange = SecondExchange(
            entry, token: token, parameters: parameters, tokenEndpoint: tokenEndpoint,
            allowsInsecureLoopback: allowsInsecureLoopback)
        refresh = RefreshRules(entry, token: token, parameters: parameters)
        revocation = RevocationRules(entry, token: token, parameters: parameters)
        response = ResponseRules(entry, parameters: parameters, callback: callback)
        account = AccountRules(
            entry, parameters: parameters, callback: callback, response: response,
            tokenEndpoint: tokenEndpoint, allowsInsecureLoopback: allowsInsecureLoopback)
        verification = VerificationRules(
            entry, parameters: parameters, callback: callback, response: response,
            tokenEndpoint: tokenEndpoint, allowsInsecureLoopback: allowsInsecureLoopback)
        api = APIRules(
            entry, parameters: parameters,
            kept: AccountRules.kept(callback, response) + account.fields.map(\.name),
            tokenEndpoint: tokenEndpoint, allowsInsecureLoopback: allowsInsecureLoopback)
        entry.finish()
        check(entry, allowsInsecureLoopback: allowsInsecureLoopback)
    }

    private func check(_ entry: SectionReader, allowsInsecureLoopback: Bool) {
        do throws(ProviderURLError) {
            _ = try ProviderURL(documentation, allowsInsecureLoopback: allowsInsecureLoopback)
        } catch {
            entry.report("name the provider's own page: the URL \(error.description)", "documentation")
        }
        if authMethods.isEmpty { entry.report("name one method or more, or leave it out", "auth_methods") }
        let discovers = entry.node("discovery") != nil
        if !hasConfiguredEndpoints, issuer == nil, !discovers {
            if authorizationEndpoint == nil {
                entry.report("is needed, or an `issuer`", "authorization_endpoint")
            }
            if tokenEndpoint == nil { entry.report("is needed, or an `issuer`", "token_endpoint") }
        }
        if authorizationEndpoint == nil || tokenEndpoint == nil, issuer?.isConstant == false, !discovers {
            entry.report(
                "can have no parameters where the endpoints come from its discovery document, unless `discovery` says so",
                "issuer")
        }
        if sendsIssuer, issuer == nil, !hasConfiguredEndpoints {
            entry.report("needs the `issuer` that it is compared with", "sends_iss")
        }
        checkCallbackParameters(entry)
        authorization.checkOrder(entry, secondScopes: scope.secondList?.parameter)
        checkSecretHosts(entry)
        checkUse(entry)
        checkSense(entry)
    }

    /// A host that the caller names gets no client secret (RFC 9700 §4.4: mix-up, here by a parameter).
    private func checkSecretHosts(_ entry: SectionReader) {
        guard usesClientSecret else { return }
        for (key, url) in secretURLs {
            do throws(TemplateError) {
                // A client with a secret is no client until its settings name its host.
                guard let url, try !url.fixesSite(parameters, isClientsHostFixed: true) else { continue }
                entry.reportInEntry(Self.secretHostAdvice, key)
            } catch {
                entry.report(error.description, key)
            }
        }
    }

    /// Before the callback there is no value, so the browser cannot be sent to a URL that needs one.
    private func checkCallbackParameters(_ entry: SectionReader) {
        let late = Set(parameters.filter { $0.keptField != nil }.map(\.name))
        for (key, names) in [
            ("authorization_endpoint", authorizationEndpoint?.names ?? []),
            (discovery == nil ? "issuer" : "discovery", (discovery?.base ?? issuer)?.names ?? []),
            ("authorization", authorization.parameterNames), ("default_scopes", scope.parameterNames),
        ] where !late.isDisjoint(with: names) {
            entry.report("cannot use a parameter that only the callback or the token response fills", key)
        }
        // Before the token response there is no value either.
        let last = Set(parameters.filter { $0.responseField != nil }.map(\.name))
        let early: [(key: String, names: [String])] = [
            ("token_endpoint", tokenEndpoint?.names ?? []), ("exchange_after", secondExchange?.names ?? []),
            ("token", (token.parameters + token.shape.headers).flatMap(\.value.parameterNames)),
            ("callback", callback.expected.flatMap(\.value.parameterNames)),
            ("account", account.lookup?.names ?? []),
        ]
        for (key, names) in early where !last.isDisjoint(with: names) {
            entry.report("cannot use a parameter that only the token response fills", key)
        }
        // The browser, and what it sends to the callback, would show it.
        let secret = Set(parameters.filter(\.isSecret).map(\.name))
        for (key, names) in [
            ("authorization", authorization.parameterNames), ("default_scopes", scope.parameterNames),
            ("callback", callback.expected.flatMap(\.value.parameterNames)),
        ] where !secret.isDisjoint(with: names) {
            entry.report("cannot use a secret parameter", key)
        }
    }

    /// What can be read, and would never do what it says.
    private func checkSense(_ entry: SectionReader) {
        if token.authentication == .none, token.shape.name(.clientID) == nil {
            entry.section("token").report(
                "must not leave out client_id where `authentication` is none: nothing else says who the client is",
                "omit")
        }
        let isDiscovered =
            discovery != nil || issuer != nil && (authorizationEndpoint == nil || tokenEndpoint == nil)
        if entry.node("revocation") != nil, revocationEndpoint == nil, !isDiscovered, !hasConfiguredEndpoints
        {
            entry.reportInEntry("has no use without a `revocation_endpoint`", "revocation")
        }
        // The operator's scopes are not known here, and with a nonce always sent the ID token comes without the scope.
        guard !hasConfiguredEndpoints, authorization.nonce != .always, !scope.always("openid") else { return }
        let account = entry.section("account")
        // Whether each alternative has a part that only the ID token gives.
        let ids = self.account.id.map { $0.parts.contains { $0.allSatisfy(\.leadsIntoClaims) } }
        for (key, alternatives) in [("id", ids), ("label", self.account.label.map(\.leadsIntoClaims))] {
            guard !alternatives.isEmpty, !alternatives.contains(false) else { continue }
            account.reportInEntry(
                "needs an ID token (`claims.`), which comes with the scope `openid`: put it into required_scopes",
                key)
        }
    }

    private func checkUse(_ entry: SectionReader) {
        var used: Set<String> = []
        for url in [
            issuer, discovery?.base, authorizationEndpoint, tokenEndpoint, refreshEndpoint,
            revocationEndpoint,
        ] {
            used.formUnion(url?.names ?? [])
        }
        used.formUnion(authorization.parameterNames + scope.parameterNames)
        let templates =
            token.parameters + token.shape.headers + refresh.parameters + refresh.shape.headers
            + revocation.parameters + revocation.shape.headers
        used.formUnion(templates.flatMap(\.value.parameterNames))
        used.formUnion(callback.expected.flatMap(\.value.parameterNames))
        used.formUnion((account.lookup?.names ?? []) + (secondExchange?.names ?? []))
        used.formUnion(verification?.call.names ?? [])
        let inAPI = Set(api?.url.names ?? [])
        let section = entry.section("parameters")
        for parameter in parameters {
            // In the API's URL alone it is for the app alone.
            if parameter.isForAPI, used.contains(parameter.name) {
                section.report("stands in a template; remove `use: api`", parameter.name)
            } else if !parameter.isForAPI, !used.contains(parameter.name), !inAPI.contains(parameter.name) {
                section.report(
                    "stands in no template; use it or remove it, or say `use: api` if it is for the app alone",
                    parameter.name)
            }
        }
    }
}

extension SectionReader {
    fileprivate func url(
        _ key: String, parameters: [TemplateParameter], allowsInsecureLoopback: Bool
    ) -> URLTemplate? {
        guard let text = string(key) else { return nil }
        do throws(URLTemplateError) {
            return try URLTemplate(
                text, parameters: parameters, allowsInsecureLoopback: allowsInsecureLoopback,
                isIssuer: key == "issuer")
        } catch {
            report("the URL \(error.description)", key)
            return nil
        }
    }
}
