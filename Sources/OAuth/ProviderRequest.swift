internal import Cryptography
internal import Encodings
package import Integrations
package import StateTokens

/// A request that this service sends, mostly to a provider, as a plain value without I/O: for a token, a revocation, an
/// account, a document.
package struct ProviderRequest: Sendable {
    package let method: RequestMethod
    package let url: String
    package var headers: [(name: String, value: String)]
    package let body: [UInt8]
    /// The URL's host is not under a name that the catalog or the operator gave, so that it must not be trusted to a
    /// proxy's look-up.
    package var isHostNamedByCaller = false

    /// For other ways to make a request, in tests and in capabilities.
    package init(method: RequestMethod, url: String, headers: [(name: String, value: String)], body: [UInt8])
    {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }
}

/// Codes, verifiers and secrets are in here: printing or reflecting it shows nothing.
extension ProviderRequest: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "(provider request)" }
    package var debugDescription: String { "(provider request)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension ProviderRequest {
    /// RFC 6749 §4.1.3 with RFC 7636 §4.5. `endpoints` are those made with the callback's fields. `state` is
    /// for the providers that want it again.
    package static func exchange(
        _ integration: ConfiguredIntegration, endpoints: Endpoints, code: String, redirectURI: String,
        codeVerifier: String?, state: String? = nil, at now: Timestamp = .now()
    ) throws(ClientAuthenticationError) -> ProviderRequest {
        let rules = integration.integration.token
        var draft = ProviderRequestDraft(integration, endpoints: endpoints, shape: rules.shape)
        draft.add(.grantType, "authorization_code")
        draft.add(.code, code)
        draft.add(.redirectURI, endpoints.redirectURI ?? redirectURI)
        if let codeVerifier, integration.integration.authorization.pkce.isSent {
            draft.add(.codeVerifier, codeVerifier)
        }
        if rules.sendsState, let state { draft.add(.state, state) }
        draft.add(rules.parameters)
        return try draft.request(
            to: endpoints.token, authentication: .client(integration.tokenAuthentication), at: now)
    }

    /// RFC 6749 §6; nil where the integration has no refresh tokens. Empty `scopes`: as granted before.
    ///
    /// - Parameter refreshToken: the access token where the provider takes that.
    package static func refresh(
        _ integration: ConfiguredIntegration, endpoints: Endpoints, refreshToken: String,
        scopes: [String] = [], redirectURI: String? = nil, at now: Timestamp = .now()
    ) throws(ClientAuthenticationError) -> ProviderRequest? {
        let rules = integration.integration.refresh
        guard rules.mode != .none else { return nil }
        var draft = ProviderRequestDraft(integration, endpoints: endpoints, shape: rules.shape)
        draft.add(.grantType, "refresh_token")
        if let name = rules.tokenName { draft.add(name, refreshToken) }
        if rules.sendsRedirectURI, let redirectURI { draft.add(.redirectURI, redirectURI) }
        if rules.sendsState { draft.add(.state, try freshState()) }
        if !scopes.isEmpty {
            draft.add(.scope, scopes.joined(separator: integration.integration.scope.separator))
        }
        draft.add(rules.parameters)
        return try draft.request(
            to: endpoints.refresh, authentication: .client(integration.refreshAuthentication), at: now)
    }

    /// No flow is there that has a state of its own: 128 random bits.
    private static func freshState() throws(ClientAuthenticationError) -> String {
        do throws(CryptographyError) {
            let octets = try RandomBytes.make(count: 16)
            return Base64URL.encode(octets.span)
        } catch {
            throw .unsigned
        }
    }

    /// RFC 7009 §2.1; nil where the integration has no such endpoint.
    package static func revocation(
        _ integration: ConfiguredIntegration, endpoints: Endpoints, token: String, tokenTypeHint: String,
        at now: Timestamp = .now()
    ) throws(ClientAuthenticationError) -> ProviderRequest? {
        guard let url = endpoints.revocation else { return nil }
        let rules = integration.integration.revocation
        var values = [RevocationRules.tokenPlace: token]
        if rules.namesSecret { values[RevocationRules.secretPlace] = try integration.secret(at: now) }
        var draft = ProviderRequestDraft(
            integration, endpoints: endpoints, shape: rules.shape, values: values)
        if rules.placement == .parameter {
            draft.add(.token, token)
            if rules.sendsTokenTypeHint { draft.add(.tokenTypeHint, tokenTypeHint) }
        }
        draft.add(rules.parameters)
        let authentication: ProviderRequestDraft.Authentication =
            switch rules.placement {
            case .parameter: .client(integration.revocationAuthentication)
            case .bearer: .bearer(token)
            }
        return try draft.request(to: url, authentication: authentication, at: now)
    }
}
