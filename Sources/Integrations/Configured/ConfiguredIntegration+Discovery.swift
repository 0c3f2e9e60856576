extension ConfiguredIntegration {
    /// The same client with the endpoints of the issuer's document. Endpoints that the catalog or the
    /// operator names stay as they are.
    package func discovered(with document: DiscoveryDocument) throws(DiscoveryError) -> ConfiguredIntegration
    {
        guard let issuer, document.issuer == issuer else { throw .issuerMismatch }
        var urls = urls
        if urls.authorization == nil {
            urls.authorization = try endpoint(document.authorizationEndpoint, "authorization_endpoint")
        }
        if urls.token == nil {
            urls.token = try endpoint(document.tokenEndpoint, "token_endpoint")
        }
        // The issuer's own, also beside a token endpoint that the operator names.
        if urls.revocation == nil, let revocation = document.revocationEndpoint {
            urls.revocation = try endpoint(revocation, "revocation_endpoint")
        }
        return ConfiguredIntegration(
            integration, clientID: clientID, clientSecret: clientSecret, clientKey: clientKey, scopes: scopes,
            urls: urls,
            sendsIssuer: sendsIssuer || document.sendsIssuer,
            tokenAuthentication: isAuthenticationSet
                ? tokenAuthentication
                : Self.choose(tokenAuthentication, from: document.clientAuthentications),
            refreshAuthentication: isAuthenticationSet
                ? refreshAuthentication
                : Self.choose(refreshAuthentication, from: document.clientAuthentications),
            isAuthenticationSet: isAuthenticationSet, allowsInsecureLoopback: allowsInsecureLoopback,
            idTokens: try idTokenIssuer(of: document))
    }

    private func idTokenIssuer(of document: DiscoveryDocument) throws(DiscoveryError) -> IDTokenIssuer {
        var keySetURL: String?
        if let url = document.keySetURL { keySetURL = try endpoint(url, "jwks_uri").text }
        return IDTokenIssuer(
            issuer: document.issuer, keySetURL: keySetURL, algorithms: document.idTokenAlgorithms)
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
    private static func choose(
        _ authentication: ClientAuthentication, from offered: [String]?
    ) -> ClientAuthentication {
        guard let offered, !offered.contains(authentication.rawValue) else { return authentication }
        return switch authentication {
        case .clientSecretPost where offered.contains("client_secret_basic"): .clientSecretBasic
        case .clientSecretBasic where offered.contains("client_secret_post"): .clientSecretPost
        case .clientSecretPost, .clientSecretBasic, .both, .none: authentication
        }
    }
}
