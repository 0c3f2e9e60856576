/// A provider in the catalog, with everything that it inherits: public facts, no secrets.
package struct Integration: Sendable, Hashable {
    package let id: String
    package let label: String
    /// The provider's page on which the entry rests.
    package let documentation: String
    package let about: AboutRules
    /// Where an operator registers a client: the provider's console, or its documentation.
    package var registrationPage: String { about.setup ?? documentation }
    /// A twin for trials, apart from the real product.
    package let isSandbox: Bool
    package let authMethods: [String]
    package let parameters: [TemplateParameter]
    /// The endpoints come from the document of the server that each connection names.
    package let discovery: DiscoveryRules?
    /// RFC 8414 §2; the endpoints come from its discovery document where the entry names none.
    package let issuer: URLTemplate?
    /// The provider promises `iss` in authorization responses (RFC 9207 §3).
    package let sendsIssuer: Bool
    package let authorizationEndpoint: URLTemplate?
    package let tokenEndpoint: URLTemplate?
    package let refreshEndpoint: URLTemplate?
    package let revocationEndpoint: URLTemplate?
    /// The operator names the issuer or the endpoints.
    package let hasConfiguredEndpoints: Bool
    package let maxStateLength: Int?
    package let authorization: AuthorizationRules
    package let scope: ScopeRules
    package let callback: CallbackRules
    package let token: TokenRules
    package let secondExchange: SecondExchange?
    package let refresh: RefreshRules
    package let revocation: RevocationRules
    package let response: ResponseRules
    package let account: AccountRules
    package let verification: VerificationRules?
    package let api: APIRules?
}

extension Integration {
    /// Whether requests carry the client secret, or one that the client's key signs; else the client is public.
    var usesClientSecret: Bool {
        token.authentication != .none || refresh.authentication != .none
            || revocation.authentication.map { $0 != .none } ?? false
    }

    /// Where requests with the client's authentication go, by their keys.
    var secretURLs: [(key: String, url: URLTemplate?)] {
        [
            ("token_endpoint", tokenEndpoint), ("refresh_endpoint", refreshEndpoint),
            ("revocation_endpoint", revocationEndpoint), ("exchange_after", secondExchange?.url),
            ("discovery", discovery?.base),
        ]
    }

    static let secretHostAdvice =
        "the caller would choose the host that gets the client secret: end the host, or the `pattern` of the parameter "
        + "in it, with a fixed name of two labels or more, such as `[a-z0-9-]+[.]example[.]com`; or set "
        + "`authentication: none` under `token` and `refresh`, if the client is public; or say `client_host: true` of a "
        + "parameter that is the whole host, if each client belongs to one"
}
