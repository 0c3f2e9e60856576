internal import Encodings
internal import Integrations

extension TokenResponse {
    /// The second grant of a response, unless its token is the one that was taken for the first.
    static func secondGrant(
        in answer: JSONValue, _ integration: ConfiguredIntegration, besides first: String
    ) -> SecondGrant? {
        guard let rules = integration.integration.response.ofSecondGrant,
            let (index, token) = accessToken(in: answer, rules.accessToken), token != first
        else { return nil }
        let reader = TokenResponseReader(answer: answer, index: index, count: rules.accessToken.count)
        return SecondGrant(
            accessToken: token, tokenType: reader.text(rules.tokenType) ?? "Bearer",
            refreshToken: reader.text(rules.refreshToken), lifetime: reader.lifetime(rules).lifetime,
            scopes: reader.scopes(rules.scope, separator: integration.integration.scope.answerSeparator))
    }

    /// The rules by which the response to a refresh is read. A provider may give the second grant's new token where a
    /// response with both has it, or where each response has the first one's.
    static func rules(
        for part: GrantPart, of integration: ConfiguredIntegration, in answer: JSONValue
    ) -> ResponseRules {
        let rules = integration.integration.response
        guard part == .second, let second = rules.ofSecondGrant,
            accessToken(in: answer, second.accessToken) != nil
        else { return rules }
        return second
    }
}

extension TokenResponse.SecondGrant {
    /// Rejects what is too long to keep, and characters that a value cannot have where it goes.
    func checkLimits() throws(TokenError) {
        let token = TokenResponseLimits.token
        try TokenResponse.check(accessToken, "second access token", limit: token, isHeaderText: true)
        try TokenResponse.check(
            tokenType, "second token type", limit: TokenResponseLimits.tokenType, isHeaderText: true)
        if let refreshToken {
            try TokenResponse.check(refreshToken, "second refresh token", limit: token, isHeaderText: true)
        }
        try TokenResponse.check(
            (scopes ?? []).joined(separator: " "), "second scope", limit: TokenResponseLimits.scopes,
            isHeaderText: true)
    }

    /// Nil for what cannot be kept.
    var keepable: TokenResponse.SecondGrant? {
        do throws(TokenError) {
            try checkLimits()
            return self
        } catch {
            return nil
        }
    }
}

/// Tokens are in here: printing or reflecting it shows nothing.
extension TokenResponse.SecondGrant: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
    package var description: String { "(second grant)" }
    package var debugDescription: String { "(second grant)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
