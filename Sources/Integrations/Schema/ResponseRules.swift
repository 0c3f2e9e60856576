/// Where an integration's token response keeps what RFC 6749 §5.1 and §5.2 name.
package struct ResponseRules: Sendable, Hashable {
    package let accessToken: [ResponsePath]
    package let refreshToken: [ResponsePath]
    package let tokenType: [ResponsePath]
    /// Seconds from now.
    package let expiresIn: [ResponsePath]
    /// A point in time: seconds or milliseconds since 1970, RFC 3339 or RFC 1123.
    package let expiresAt: [ResponsePath]
    package let refreshTokenExpiresIn: [ResponsePath]
    package let scope: [ResponsePath]
    package let idToken: [ResponsePath]
    package let error: [ResponsePath]
    package let errorDescription: [ResponsePath]
    /// Values at the error's path that mean success, for providers with a status in every answer.
    package let successValues: [String]
    /// The provider's own words for RFC 6749's `invalid_grant`.
    package let invalidGrantCodes: [String]
    /// Taken where the answer names no lifetime; nil: such a token does not expire. It triggers
    /// a refresh, and never refuses a token.
    package let assumedLifetime: Duration?
    /// Further fields to keep with the connection.
    package let fields: [ResponsePath]
    /// A second grant in the same response; nil: there is one grant.
    package let second: SecondGrantRules?
}

extension ResponseRules {
    init(_ entry: SectionReader, parameters: [TemplateParameter], callback: CallbackRules) {
        let section = entry.section("response")
        func paths(_ key: String) -> [ResponsePath] { section.paths(key) ?? [ResponsePath(name: key)] }
        accessToken = paths("access_token")
        refreshToken = paths("refresh_token")
        tokenType = paths("token_type")
        expiresIn = paths("expires_in")
        expiresAt = paths("expires_at")
        refreshTokenExpiresIn = paths("refresh_token_expires_in")
        scope = paths("scope")
        idToken = paths("id_token")
        error = paths("error")
        errorDescription = paths("error_description")
        successValues = section.strings("success_values") ?? []
        invalidGrantCodes = section.strings("invalid_grant_codes") ?? []
        assumedLifetime = section.number("assumed_lifetime", in: 1...315_360_000).map { .seconds($0) }
        let texts = section.strings("fields") ?? []
        fields = texts.compactMap(ResponsePath.init)
        if fields.count < texts.count { section.report("must be paths like `team.id`", "fields") }
        for parameter in parameters {
            guard let field = parameter.responseField else { continue }
            if !texts.contains(field) {
                section.report(
                    "must name `\(field)`, from which the parameter `\(parameter.name)` is filled", "fields")
            }
            // What the user's browser sends must not stand in the response's place.
            let isNamedByCaller = parameters.contains { $0.name == field && $0.source == .caller }
            if callback.fields.contains(field) || isNamedByCaller {
                section.report(
                    "`\(field)` comes from the callback or the caller, too; a parameter comes from one",
                    "fields")
            }
        }
        second = SecondGrantRules(section, besides: accessToken)
        section.finish()
    }
}
