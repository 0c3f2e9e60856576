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
    /// How long a refresh token lasts, where the provider's documentation says so and the response does not.
    package let tokenLifetime: Duration?
    package let authentication: ClientAuthentication
    package let parameters: [NamedTemplate]
}

extension RefreshRules {
    init(_ entry: SectionReader, token: TokenRules, parameters declared: [TemplateParameter]) {
        let section = entry.section("refresh")
        mode = section.choice("mode", of: RefreshMode.self) ?? .stable
        tokenLifetime = section.number("token_lifetime", in: 1...315_360_000).map { .seconds($0) }
        authentication =
            section.choice("authentication", of: ClientAuthentication.self) ?? token.authentication
        parameters = section.templates("parameters", parameters: declared)
        section.refuseFilledNames("parameters", parameters, filled: token.filledNames)
        section.finish()
    }
}
