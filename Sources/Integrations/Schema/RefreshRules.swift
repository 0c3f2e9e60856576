/// What becomes of a refresh token when it is used.
package enum RefreshMode: String, Sendable, CaseIterable {
    /// Each use gives a new one and ends the old one.
    case rotates
    /// It stays valid, and responses may leave it out.
    case stable
    /// The integration has no refresh tokens.
    case none
}

/// How an integration's access tokens are refreshed (RFC 6749 §6).
package struct RefreshRules: Sendable, Hashable {
    package let mode: RefreshMode
    /// What is given for a new access token. Some providers have no refresh tokens, and take an access token that is
    /// still good.
    package let token: GrantToken
    /// How long before its end a token is refreshed; nil: as long as for every provider.
    package let margin: Duration?
    /// How long before its end the provider begins to refresh a token; nil: at any time.
    package let window: Duration?
    /// Error codes, or words of an error's description, by which the provider rejects a refresh that comes too early.
    package let tooEarly: [String]
    /// How long a refresh token lasts, where the provider's documentation says so and the response does not.
    package let tokenLifetime: Duration?
    /// After how long without use a refresh token ends, where the provider's documentation says so.
    package let idleLifetime: Duration?
    package let authentication: ClientAuthentication
    package let shape: RequestShape
    package let sendsRedirectURI: Bool
    /// A random text, for a provider that wants a state with each request.
    package let sendsState: Bool
    /// Whether the access token from before stays good to its end; `nil` where the provider does not say. With `true` a
    /// response without an access token means that there is no other.
    package let keepsAccessToken: Bool?
    package let parameters: [NamedTemplate]
}

extension RefreshRules {
    /// What a refresh may send beside RFC 6749 §6.
    private enum Addition: String, CaseIterable {
        case redirectURI = "redirect_uri"
        case state
    }

    private static let names: [RequestShape.Name] = [
        .grantType, .clientID, .clientSecret, .refreshToken, .redirectURI, .scope, .state,
    ]

    init(_ entry: SectionReader, token: TokenRules, parameters declared: [TemplateParameter]) {
        let section = entry.section("refresh")
        let known = declared + [.clientID]
        mode = section.choice("mode", of: RefreshMode.self) ?? .stable
        self.token = section.choice("token", of: GrantToken.self) ?? .refreshToken
        margin = section.number("margin", in: 1...31_536_000).map { .seconds($0) }
        window = section.number("window", in: 1...31_536_000).map { .seconds($0) }
        tooEarly = section.strings("too_early") ?? []
        tokenLifetime = section.number("token_lifetime", in: 1...315_360_000).map { .seconds($0) }
        idleLifetime = section.number("idle_lifetime", in: 1...315_360_000).map { .seconds($0) }
        authentication =
            section.choice("authentication", of: ClientAuthentication.self) ?? token.authentication
        shape = RequestShape(
            section, parameters: known, methods: [.post, .get], names: Self.names,
            omissions: [.grantType, .clientID, .clientSecret], like: token.shape)
        let additions = section.strings("with") ?? []
        sendsRedirectURI = additions.contains(Addition.redirectURI.rawValue)
        sendsState = additions.contains(Addition.state.rawValue)
        keepsAccessToken = section.flag("keeps_access_token")
        if additions.contains(where: { Addition(rawValue: $0) == nil }) {
            section.report(
                "can name only: \(Addition.allCases.map(\.rawValue).joined(separator: ", "))", "with")
        }
        parameters = section.templates("parameters", parameters: known)
        let filled: [RequestShape.Name] = [.clientID, .clientSecret, .refreshToken, .redirectURI, .state]
        section.refuseFilledNames("parameters", parameters, filled: shape.names(filled))
        section.finish()
    }

    /// Whether an error says that the token is still too good to be refreshed.
    package func isTooEarly(code: String, description: String?) -> Bool {
        tooEarly.contains { words in
            code == words || description?.contains(words) ?? false
        }
    }

    /// What the provider calls the token that is given for a new one.
    package var tokenName: String? {
        guard token == .accessToken, !shape.isRenamed(.refreshToken) else { return shape.name(.refreshToken) }
        return token.rawValue
    }
}
