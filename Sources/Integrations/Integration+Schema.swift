extension Integration {
    /// What an entry may say, to tell its keys from an operator's settings where both stand side by side.
    package static let entryKeys: Set<String> = [
        "abstract", "account", "auth_methods", "authorization", "authorization_endpoint", "callback",
        "configured_endpoints", "default_scopes", "documentation", "exchange_after", "inherits", "issuer",
        "label",
        "max_state_length", "parameters", "pkce", "refresh", "refresh_endpoint", "replace", "required_scopes",
        "response", "revocation", "revocation_endpoint", "sandbox", "scope", "sends_iss", "token",
        "token_endpoint",
    ]

    /// Reads a resolved entry; what is wrong with it goes into the reader's list of mistakes.
    init(id: String, _ entry: SectionReader, allowsInsecureLoopback: Bool) {
        self.id = id
        label = entry.string("label") ?? id
        documentation = entry.string("documentation") ?? ""
        isSandbox = entry.flag("sandbox") ?? false
        authMethods = entry.strings("auth_methods") ?? ["oauth2"]
        let parameters = TemplateParameter.read(entry)
        self.parameters = parameters
        func url(_ key: String) -> URLTemplate? {
            entry.url(key, parameters: parameters, allowsInsecureLoopback: allowsInsecureLoopback)
        }
        issuer = url("issuer")
        sendsIssuer = entry.flag("sends_iss") ?? false
        authorizationEndpoint = url("authorization_endpoint")
        tokenEndpoint = url("token_endpoint")
        refreshEndpoint = url("refresh_endpoint")
        revocationEndpoint = url("revocation_endpoint")
        hasConfiguredEndpoints = entry.flag("configured_endpoints") ?? false
        maxStateLength = entry.number("max_state_length", in: 1...4_096)
        authorization = AuthorizationRules(entry, parameters: parameters)
        scope = ScopeRules(entry)
        callback = CallbackRules(entry, parameters: parameters)
        token = TokenRules(entry, parameters: parameters)
        secondExchange = SecondExchange(
            entry, token: token, parameters: parameters, tokenEndpoint: tokenEndpoint,
            allowsInsecureLoopback: allowsInsecureLoopback)
        refresh = RefreshRules(entry, token: token, parameters: parameters)
        revocation = RevocationRules(entry, token: token, parameters: parameters)
        response = ResponseRules(entry)
        account = AccountRules(
            entry, parameters: parameters, callback: callback, response: response,
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
        if !hasConfiguredEndpoints, issuer == nil {
            if authorizationEndpoint == nil {
                entry.report("is needed, or an `issuer`", "authorization_endpoint")
            }
            if tokenEndpoint == nil { entry.report("is needed, or an `issuer`", "token_endpoint") }
        }
        if authorizationEndpoint == nil || tokenEndpoint == nil, issuer?.isConstant == false {
            entry.report(
                "can have no parameters where the endpoints come from its discovery document", "issuer")
        }
        if sendsIssuer, issuer == nil, !hasConfiguredEndpoints {
            entry.report("needs the `issuer` that it is compared with", "sends_iss")
        }
        checkCallbackParameters(entry)
        checkSecretHosts(entry)
        checkUse(entry)
    }

    /// A host that the caller names gets no client secret (RFC 9700 §4.4: mix-up, here by a parameter).
    private func checkSecretHosts(_ entry: SectionReader) {
        guard usesClientSecret else { return }
        for (key, url) in secretURLs {
            do throws(TemplateError) {
                guard let url, try !url.fixesSite(parameters) else { continue }
                entry.reportInEntry(Self.secretHostAdvice, key)
            } catch {
                entry.report(error.description, key)
            }
        }
    }

    /// Before the callback there is no value, so the browser cannot be sent to a URL that needs one.
    private func checkCallbackParameters(_ entry: SectionReader) {
        let late = Set(parameters.filter { $0.callbackField != nil }.map(\.name))
        for (key, names) in [
            ("authorization_endpoint", authorizationEndpoint?.names ?? []), ("issuer", issuer?.names ?? []),
            ("authorization", authorization.parameters.flatMap { $0.value?.names ?? [] }),
        ] where !late.isDisjoint(with: names) {
            entry.report("cannot use a parameter that only the callback fills", key)
        }
    }

    private func checkUse(_ entry: SectionReader) {
        var used: Set<String> = []
        for url in [issuer, authorizationEndpoint, tokenEndpoint, refreshEndpoint, revocationEndpoint] {
            used.formUnion(url?.names ?? [])
        }
        used.formUnion(authorization.parameters.flatMap { $0.value?.names ?? [] })
        let templates =
            token.parameters + token.shape.headers + refresh.parameters + refresh.shape.headers
            + revocation.parameters + revocation.shape.headers
        used.formUnion(templates.flatMap(\.value.names))
        used.formUnion(callback.expected.flatMap(\.value.names))
        used.formUnion((account.lookup?.names ?? []) + (secondExchange?.names ?? []))
        let section = entry.section("parameters")
        for parameter in parameters where !used.contains(parameter.name) {
            section.report("stands in no template; use it or remove it", parameter.name)
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
                text, parameters: parameters, allowsInsecureLoopback: allowsInsecureLoopback)
        } catch {
            report("the URL \(error.description)", key)
            return nil
        }
    }
}
