internal import Encodings
package import Integrations

extension TokenResponse {
    /// What a grant is after a second exchange: what the response to it leaves out stays as it was, but for the access
    /// token's lifetime, because that is another token's.
    package func replaced(by second: TokenResponse, of integration: ConfiguredIntegration) -> TokenResponse {
        let rules = integration.integration.response
        let raw = raw(replacedBy: second, rules)
        return TokenResponse(
            accessToken: second.accessToken,
            tokenType: second.raw[rules.tokenType] == nil ? tokenType : second.tokenType,
            refreshToken: second.refreshToken ?? refreshToken,
            refreshTokenLifetime: second.refreshToken == nil
                ? refreshTokenLifetime : second.refreshTokenLifetime,
            authorizationLifetime: second.authorizationLifetime == .unstated
                ? authorizationLifetime : second.authorizationLifetime,
            lifetime: second.lifetime, unreadableFields: second.unreadableFields, scopes: second.scopes,
            idToken: second.idToken ?? idToken, fields: fields.merging(second.fields) { _, new in new },
            raw: raw, second: self.second)
    }

    /// What a refresh brought where the exchange after it failed: its refresh token, and no access token but the one from
    /// before. That one may be over, so that it is due for a refresh at once.
    package func keeping(_ accessToken: String) -> TokenResponse {
        TokenResponse(
            accessToken: accessToken, tokenType: tokenType, refreshToken: refreshToken,
            refreshTokenLifetime: refreshTokenLifetime, authorizationLifetime: authorizationLifetime,
            lifetime: .assumed(.seconds(1)), unreadableFields: unreadableFields, droppedParts: droppedParts,
            scopes: scopes, idToken: idToken, fields: fields, raw: raw, second: second)
    }

    /// Both responses as one, from which the account and the lifetime are read later.
    private func raw(replacedBy second: TokenResponse, _ rules: ResponseRules) -> JSONValue {
        var first = raw
        var gone = rules.accessToken + rules.expiresIn + rules.expiresAt
        if second.refreshToken != nil { gone += rules.refreshToken + rules.refreshTokenExpiresIn }
        for path in gone { first = first.removing(path.names[...]) }
        guard case .object(let old) = first, case .object(let new) = second.raw else { return second.raw }
        let both = JSONValue.object(old.merging(new) { _, new in new })
        return both.bytes.count <= TokenResponseLimits.response ? both : second.raw
    }
}

extension JSONValue {
    /// The same without what lies at the end of a path.
    fileprivate func removing(_ names: ArraySlice<String>) -> JSONValue {
        guard let name = names.first else { return self }
        let rest = names.dropFirst()
        switch self {
        case .object(var members):
            if rest.isEmpty { members[name] = nil } else { members[name] = members[name]?.removing(rest) }
            return .object(members)
        case .array(var elements):
            guard let index = Int(name), elements.indices.contains(index) else { return self }
            elements[index] = rest.isEmpty ? .null : elements[index].removing(rest)
            return .array(elements)
        case .null, .boolean, .number, .string: return self
        }
    }
}
