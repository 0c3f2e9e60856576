package import Encodings
package import Integrations

/// What public sources say of an integration, transcribed from them and not from the catalog's entry.
///
/// A fact that is left out was not shown by any source.
package struct Provenance: Sendable {
    package let id: String
    /// The day on which somebody last read the sources.
    package let seen: String
    package let sources: [String: ProvenanceSource]
    package let facts: [FactName: Fact]
    package internal(set) var example: RecordedExample
}

package struct ProvenanceSource: Sendable {
    package let url: String
    /// Of a public source: when it was last changed.
    package let date: String?
}

/// Everything that a provenance file can state.
package enum FactName: String, Sendable, CaseIterable {
    case authorizationEndpoint = "authorization_endpoint"
    case tokenEndpoint = "token_endpoint"
    case refreshEndpoint = "refresh_endpoint"
    case revocationEndpoint = "revocation_endpoint"
    /// `oidc`, `oauth` or `smart`: a server's document names the endpoints.
    case discovery
    /// `required`, `supported`, `none` (unknown to the provider) or `refused`.
    case pkce
    /// `client_secret_basic`, `client_secret_post`, `both` (either of them, or Basic with the client's id in the
    /// body), `secret_as_user`, `private_key_jwt` or `none`.
    case authentication
    /// `signed`: a JWT of the client's own.
    case clientSecret = "client_secret"
    /// `form`, `json` or `query`.
    case body
    case tokenMethod = "token_method"
    /// Null: there is no scope parameter.
    case scopeSeparator = "scope_separator"
    /// Always asked for, whatever the app asks for.
    case requiredScopes = "required_scopes"
    /// The app's scopes are not sent, but always the same ones.
    case fixedScopes = "fixed_scopes"
    /// Names and values beside the standard parameters.
    case authorizationParameters = "authorization_parameters"
    case tokenParameters = "token_parameters"
    /// The provider's names for standard parameters; null for one that it does not take.
    case authorizationNames = "authorization_names"
    case tokenNames = "token_names"
    case callbackNames = "callback_names"
    /// True: a nonce is taken without the scope `openid`, too; `required`: each request must have one.
    case nonce
    case maxStateLength = "max_state_length"
    /// `rotates`, `stable` or `none`.
    case refresh
    /// The look-up's URL, or a field of the token response.
    case account
    /// How the client authenticates in a refresh, where that differs from `authentication`.
    case refreshAuthentication = "refresh_authentication"
    case refreshMethod = "refresh_method"
    case refreshBody = "refresh_body"
    case refreshNames = "refresh_names"
    /// All that a refresh sends, where it is not RFC 6749's: names and values, of which `{token}`, `{client_id}` and
    /// `{client_secret}` stand for what was issued and for the client.
    case refreshParameters = "refresh_parameters"
    /// What is given for a new access token: `refresh_token` or `access_token`.
    case refreshedToken = "refreshed_token"
    /// Where a fresh access token is exchanged for another, and by which request; `{access_token}` stands for the first.
    case exchangeEndpoint = "exchange_endpoint"
    case exchangeMethod = "exchange_method"
    case exchangeParameters = "exchange_parameters"
    /// Headers of token requests in addition to the standard ones: `{sellerId}` and the like stand for what came to the callback.
    case tokenHeaders = "token_headers"
    /// Of an assertion by which a client authenticates: its `alg` and `aud`.
    case assertion
    case revocationMethod = "revocation_method"
    case revocationBody = "revocation_body"
    /// As `authentication`, or `bearer`: the token that ends, and nothing else, speaks for the request.
    case revocationAuthentication = "revocation_authentication"
    /// The provider's names for `token`, `token_type_hint`, `client_id` and `client_secret`; null for one that it does not take.
    case revocationNames = "revocation_names"
    /// Which token ends the grant: `refresh_token` or `access_token`.
    case revokedToken = "revoked_token"
    /// Further parameters of a revocation.
    case revocationParameters = "revocation_parameters"
    /// Headers of a revocation in addition to the standard ones: `{token}` stands for the token that ends, `{client_id}` and
    /// `{client_secret}` for the client.
    case revocationHeaders = "revocation_headers"
    case lookupMethod = "lookup_method"
    /// All headers in which a look-up differs: `{access_token}` and `{client_id}` may stand in their values.
    case lookupHeaders = "lookup_headers"
    /// What a look-up sends as JSON.
    case lookupBody = "lookup_body"
}

package struct Fact: Sendable {
    package let value: JSONValue
    package let agree: [String]
    package let differ: [String: JSONValue]

    package init(value: JSONValue, agree: [String] = [], differ: [String: JSONValue] = [:]) {
        self.value = value
        self.agree = agree
        self.differ = differ
    }
}

/// Responses as the provider documents them, with made-up values, and what must come out.
package struct RecordedExample: Sendable {
    package var parameters: [String: String] = [:]
    /// What comes to the callback beside code and state.
    package var callback: [String: String] = [:]
    package var tokenResponse: JSONValue
    package var exchangeResponse: JSONValue?
    package var refreshResponse: JSONValue?
    package var lookupResponse: JSONValue?
    package var errorResponse: JSONValue?
    package var errorStatus: Int?
    package var idTokenClaims: JSONValue?
    package var accountID: String?
    package var accountLabel: String?
    /// Where a token response has its tokens, where their names do not show it.
    package var accessTokenPaths: [ResponsePath] = []
    package var refreshTokenPaths: [ResponsePath] = []

    package init(tokenResponse: JSONValue) { self.tokenResponse = tokenResponse }
}

extension Provenance {
    package func text(_ name: FactName) -> String? { facts[name]?.value.text }

    package func texts(_ name: FactName) -> [String]? {
        guard case .array(let elements) = facts[name]?.value else { return nil }
        return elements.compactMap(\.text)
    }

    package func members(_ name: FactName) -> [String: String]? {
        guard case .object(let members) = facts[name]?.value else { return nil }
        return members.compactMapValues(\.text)
    }

    package func names(_ name: FactName) -> ParameterNames {
        guard case .object(let members) = facts[name]?.value else { return ParameterNames(shown: nil) }
        return ParameterNames(shown: members)
    }

    /// An endpoint with the example's parameters in it; what the example does not fill is filled by the callback.
    package func endpoint(_ name: FactName) -> String? {
        text(name).map { filled($0) }
    }

    package func filled(_ text: String, with more: [String: String] = [:]) -> String {
        var text = text
        for (name, value) in example.parameters.merging(
            example.callback, uniquingKeysWith: { first, _ in first }
        )
        .merging(more, uniquingKeysWith: { _, last in last }) {
            text = text.replacing("{\(name)}", with: value)
        }
        return text
    }
}

/// What a provider calls the standard parameters of a request.
package struct ParameterNames: Sendable {
    /// Nil: no source shows them.
    package let shown: [String: JSONValue]?

    package func takes(_ standard: String) -> Bool { shown?[standard] != .null }

    package func name(_ standard: String) -> String { shown?[standard]?.text ?? standard }
}
