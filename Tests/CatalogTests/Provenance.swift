import Encodings

/// What public sources say of an integration, transcribed from them and not from the catalog's entry.
///
/// A fact that is left out was not shown by any source.
struct Provenance: Sendable {
    let id: String
    /// The day on which somebody last read the sources.
    let seen: String
    let sources: [String: ProvenanceSource]
    let facts: [FactName: Fact]
    let example: RecordedExample
}

struct ProvenanceSource: Sendable {
    let url: String
    /// Of a public source: when it was last changed.
    let date: String?
}

/// Everything that a provenance file can state.
enum FactName: String, Sendable, CaseIterable {
    case authorizationEndpoint = "authorization_endpoint"
    case tokenEndpoint = "token_endpoint"
    case refreshEndpoint = "refresh_endpoint"
    case revocationEndpoint = "revocation_endpoint"
    /// `required`, `supported`, `none` (unknown to the provider) or `refused`.
    case pkce
    /// `client_secret_basic`, `client_secret_post`, `both` (either of them, or Basic with the client's id in the
    /// body) or `none`.
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
    /// A nonce is taken without the scope `openid`, too.
    case nonce
    case maxStateLength = "max_state_length"
    /// `rotates`, `stable` or `none`.
    case refresh
    /// The look-up's URL, or a field of the token response.
    case account
}

struct Fact: Sendable {
    let value: JSONValue
    let agree: [String]
    let differ: [String: JSONValue]
}

/// Responses as the provider documents them, with made-up values, and what must come out.
struct RecordedExample: Sendable {
    var parameters: [String: String] = [:]
    /// What comes to the callback beside code and state.
    var callback: [String: String] = [:]
    var tokenResponse: JSONValue
    var exchangeResponse: JSONValue?
    var refreshResponse: JSONValue?
    var lookupResponse: JSONValue?
    var errorResponse: JSONValue?
    var errorStatus: Int?
    var idTokenClaims: JSONValue?
    var accountID: String?
    var accountLabel: String?
}

extension Provenance {
    func text(_ name: FactName) -> String? { facts[name]?.value.text }

    func texts(_ name: FactName) -> [String]? {
        guard case .array(let elements) = facts[name]?.value else { return nil }
        return elements.compactMap(\.text)
    }

    func members(_ name: FactName) -> [String: String]? {
        guard case .object(let members) = facts[name]?.value else { return nil }
        return members.compactMapValues(\.text)
    }

    func names(_ name: FactName) -> ParameterNames {
        guard case .object(let members) = facts[name]?.value else { return ParameterNames(shown: nil) }
        return ParameterNames(shown: members)
    }

    /// An endpoint with the example's parameters in it; what the example does not fill is filled by the callback.
    func endpoint(_ name: FactName) -> String? {
        text(name).map { filled($0) }
    }

    func filled(_ text: String, with more: [String: String] = [:]) -> String {
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
struct ParameterNames: Sendable {
    /// Nil: no source shows them.
    let shown: [String: JSONValue]?

    func takes(_ standard: String) -> Bool { shown?[standard] != .null }

    func name(_ standard: String) -> String { shown?[standard]?.text ?? standard }
}
