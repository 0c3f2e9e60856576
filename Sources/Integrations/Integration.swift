/// A provider in the catalog, with everything that it inherits: public facts, no secrets.
package struct Integration: Sendable, Hashable {
    package let id: String
    package let label: String
    /// The provider's page on which the entry rests.
    package let documentation: String
    /// A twin for trials, apart from the real product.
    package let isSandbox: Bool
    package let authMethods: [String]
    package let parameters: [TemplateParameter]
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
    package let refresh: RefreshRules
    package let revocation: RevocationRules
    package let response: ResponseRules
    package let account: AccountRules
}
