internal import Encodings
package import Integrations
package import StateTokens

extension TokenResponse {
    package static let byteCountLimit = 1 << 20

    /// Reads the response to an exchange or a refresh. `requestedScopes` stand in for a scope that it
    /// leaves out. The response to an exchange that cannot be kept says so in ``excess``.
    ///
    /// - Parameters:
    ///   - isRefresh: what cannot be kept is left out, and the tokens beside it are kept.
    ///   - part: which grant is refreshed.
    ///   - kept: the access token before a refresh, where a response without one means that it stays.
    package static func parse(
        status: Int, contentType: String?, body: [UInt8], integration: ConfiguredIntegration,
        requestedScopes: [String], isRefresh: Bool = false, part: GrantPart = .first,
        keeping kept: String? = nil
    ) throws(TokenError) -> TokenResponse {
        if status == 429 || status == 408 || status >= 500 { throw .serverError(status: status) }
        guard body.count <= byteCountLimit else {
            throw .unusable(reason: "the response is larger than 1 MiB")
        }
        let answer = try TokenResponseBody.parse(body, contentType: contentType)
        let rules = Self.rules(for: part, of: integration, in: answer)
        if let error = error(in: answer, rules: rules, isSuccess: (200..<300).contains(status)) {
            let refresh = integration.integration.refresh
            let code = answer[rules.error]?.text ?? ""
            let words = answer[rules.errorDescription]?.text
            if isRefresh, refresh.isTooEarly(code: code, description: words) { throw .tooEarly }
            throw error
        }
        guard (200..<300).contains(status) else {
            throw .unusable(reason: "status \(status) without an error code")
        }
        guard let (index, accessToken) = accessToken(in: answer, rules.accessToken) ?? kept.map({ (0, $0) })
        else {
            throw .unusable(reason: "the response holds no access token")
        }
        let reader = TokenResponseReader(answer: answer, index: index, count: rules.accessToken.count)
        let idToken = reader.text(rules.idToken)
        let lifetime = reader.lifetime(rules)
        let refreshTokenLifetime = reader.refreshTokenLifetime(
            rules, assumed: integration.integration.refresh.tokenLifetime)
        let authorizationLifetime = reader.authorizationLifetime
        var response = TokenResponse(
            accessToken: accessToken, tokenType: reader.text(rules.tokenType) ?? "Bearer",
            refreshToken: reader.refreshToken(rules.refreshToken),
            refreshTokenLifetime: refreshTokenLifetime.lifetime,
            authorizationLifetime: authorizationLifetime.lifetime, lifetime: lifetime.lifetime,
            unreadableFields: lifetime.unreadable + refreshTokenLifetime.unreadable
                + authorizationLifetime.unreadable,
            scopes: reader.scopes(rules.scope, separator: integration.integration.scope.answerSeparator)
                ?? requestedScopes,
            idToken: idToken,
            fields: Dictionary(
                rules.fields.compactMap { path in answer[path].map { (path.description, $0) } },
                uniquingKeysWith: { first, _ in first }),
            raw: answer)
        if part == .first { response.second = secondGrant(in: answer, integration, besides: accessToken) }
        if isRefresh { return try response.keepable(scopes: requestedScopes) }
        do throws(TokenError) {
            try response.checkLimits(of: integration)
        } catch .unusable(let reason) {
            response.excess = reason
        }
        return response
    }

    /// Whether the expiry kept with a token response is the provider's own statement.
    ///
    /// An assumed expiry triggers a refresh; it never rejects a token.
    /// - Parameter raw: the token response, as it is kept with the credentials.
    package static func states(
        _ expiry: Timestamp, in raw: String, for integration: ConfiguredIntegration
    ) -> Bool {
        let rules = integration.integration.response
        do {
            let answer = try JSONValue.parse(Array(raw.utf8))
            guard let (index, _) = accessToken(in: answer, rules.accessToken) else { return false }
            let reader = TokenResponseReader(answer: answer, index: index, count: rules.accessToken.count)
            return reader.lifetime(rules).lifetime.states(expiry)
        } catch {
            return false
        }
    }

    /// Several providers send errors with status 200, so the status alone decides nothing.
    private static func error(in answer: JSONValue, rules: ResponseRules, isSuccess: Bool) -> TokenError? {
        guard let value = answer[rules.error] else { return nil }
        let code = value.text ?? ""
        if isSuccess, rules.successValues.contains(code) || value == .string("") || value == .boolean(false) {
            return nil
        }
        return .rejected(
            code, description: answer[rules.errorDescription]?.text, rules: rules.invalidGrantCodes)
    }

    /// Which of the paths leads to the access token.
    static func accessTokenIndex(in answer: JSONValue, _ paths: [ResponsePath]) -> Int? {
        accessToken(in: answer, paths)?.0
    }

    static func accessToken(in answer: JSONValue, _ paths: [ResponsePath]) -> (Int, String)? {
        for (index, path) in paths.enumerated() {
            if case .string(let token) = answer[path], !token.isEmpty { return (index, token) }
        }
        return nil
    }
}
