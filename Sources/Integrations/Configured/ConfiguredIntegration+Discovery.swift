extension ConfiguredIntegration {
    /// The same client with the endpoints of the issuer's document. Endpoints that the catalog or the
    /// operator names stay as they are.
    package func discovered(with document: DiscoveryDocument) throws(DiscoveryError) -> ConfiguredIntegration
    {
        guard let issuer, document.issuer == issuer else { throw .issuerMismatch(stated: document.issuer) }
        return try client(with: document, issuer: urls.issuer, server: nil) { _, _ in }
    }

    /// The same client with the endpoints of the server that a connection names, kept for the connections to come.
    package func discovered(
        with document: DiscoveryDocument, at server: DiscoveryTarget
    ) throws(DiscoveryError) -> ConfiguredIntegration {
        guard let rules = integration.discovery else { throw .malformed("the integration reads none") }
        if let issuer = server.issuer, !document.issuer.utf8.elementsEqual(issuer.utf8) {
            throw .issuerMismatch(stated: document.issuer)
        }
        let base: ProviderURL
        do throws(ProviderURLError) {
            base = try ProviderURL(server.base, allowsInsecureLoopback: allowsInsecureLoopback)
        } catch {
            throw .unacceptable(field: "issuer", error)
        }
        func check(_ url: ProviderURL, _ field: String) throws(DiscoveryError) {
            guard rules.allows(url, base: base) else { throw .foreignHost(field: field) }
        }
        let client = try client(
            with: document, issuer: server.issuer == nil ? nil : urls.issuer, server: server, check: check)
        discovered?.keep(client, at: server)
        return client
    }

    /// - Parameter check: throws where a URL may not be the server's.
    private func client(
        with document: DiscoveryDocument, issuer: URLTemplate?, server: DiscoveryTarget?,
        check: (ProviderURL, _ field: String) throws(DiscoveryError) -> Void
    ) throws(DiscoveryError) -> ConfiguredIntegration {
        for (field, text) in [
            ("authorization_endpoint", document.authorizationEndpoint),
            ("token_endpoint", document.tokenEndpoint), ("revocation_endpoint", document.revocationEndpoint),
            ("jwks_uri", document.keySetURL),
        ] {
            guard let text, let url = url(text) else { continue }
            try check(url, field)
        }
        var urls = urls
        urls.issuer = issuer
        if urls.authorization == nil {
            urls.authorization = try needed(document.authorizationEndpoint, "authorization_endpoint")
        }
        if urls.token == nil { urls.token = try needed(document.tokenEndpoint, "token_endpoint") }
        // The issuer's own, also beside a token endpoint that the operator names.
        if urls.revocation == nil {
            urls.revocation = optional(document.revocationEndpoint, "revocation_endpoint")
        }
        return ConfiguredIntegration(
            integration, clientID: clientID, clientSecret: clientSecret, clientKey: clientKey, scopes: scopes,
            urls: urls,
            sendsIssuer: sendsIssuer || document.sendsIssuer && urls.issuer != nil,
            tokenAuthentication: chosen(tokenAuthentication, from: document.clientAuthentications),
            refreshAuthentication: chosen(refreshAuthentication, from: document.clientAuthentications),
            revocationAuthentication: chosen(
                revocationAuthentication,
                from: document.revocationAuthentications ?? document.clientAuthentications),
            isAuthenticationSet: isAuthenticationSet, wantsOfflineAccess: wantsOfflineAccess,
            offersOfflineAccess: document.offersOfflineAccess, allowsInsecureLoopback: allowsInsecureLoopback,
            clientValues: clientValues,
            idTokens: document.issuer.isEmpty ? nil : idTokenIssuer(of: document), owner: owner,
            sharesRedirectURI: sharesRedirectURI, clientHost: clientHost, server: server)
    }

    /// `nil` where it is none, which is a fault only where it is needed.
    private func url(_ text: String) -> ProviderURL? {
        do throws(ProviderURLError) {
            return try ProviderURL(text, allowsInsecureLoopback: allowsInsecureLoopback)
        } catch {
            return nil
        }
    }

    /// An issuer without a key set signs under the client's secret, or not at all.
    private func idTokenIssuer(of document: DiscoveryDocument) -> IDTokenIssuer {
        IDTokenIssuer(
            issuer: document.issuer, keySetURL: optional(document.keySetURL, "jwks_uri")?.text,
            algorithms: document.idTokenAlgorithms, isHostNamedByCaller: isHostNamedByCaller)
    }

    private func needed(_ text: String?, _ field: String) throws(DiscoveryError) -> URLTemplate {
        guard let text else { throw .malformed("`\(field)` is missing, or no text") }
        return try endpoint(text, field)
    }

    /// A member that a flow can do without does not stand in its way.
    private func optional(_ text: String?, _ field: String) -> URLTemplate? {
        guard let text else { return nil }
        do throws(DiscoveryError) {
            return try endpoint(text, field)
        } catch {
            return nil
        }
    }

    private func endpoint(_ text: String, _ field: String) throws(DiscoveryError) -> URLTemplate {
        do throws(URLTemplateError) {
            return try URLTemplate(text, parameters: [], allowsInsecureLoopback: allowsInsecureLoopback)
        } catch .url(let error) {
            throw .unacceptable(field: field, error)
        } catch {
            throw .malformed("`\(field)` is not a URL")
        }
    }

    /// Basic and post differ only in place; no other change is made, and a secret is never sent twice to find
    /// out.
    private func chosen(
        _ authentication: ClientAuthentication, from offered: [String]?
    ) -> ClientAuthentication {
        guard !isAuthenticationSet, let offered, !offered.contains(authentication.rawValue) else {
            return authentication
        }
        return switch authentication {
        case .clientSecretPost where offered.contains("client_secret_basic"): .clientSecretBasic
        case .clientSecretBasic where offered.contains("client_secret_post"): .clientSecretPost
        case .clientSecretPost, .clientSecretBasic, .basicUnencoded, .both, .secretAsUser, .none:
            authentication
        }
    }
}
