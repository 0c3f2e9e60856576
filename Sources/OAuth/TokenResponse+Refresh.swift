internal import Encodings

extension TokenResponse {
    /// The response to a refresh without the parts that cannot be kept.
    ///
    /// The provider may have ended the tokens before, so those that it sent must not be lost for what stands beside them.
    ///
    /// - Parameter scopes: those granted before, which stay where the response's cannot be kept.
    /// - Throws: if the access token itself cannot be kept.
    func keepable(scopes granted: [String]) throws(TokenError) -> TokenResponse {
        try Self.check(accessToken, "access token", limit: TokenResponseLimits.token, isHeaderText: true)
        var dropped: [String] = []
        func token(_ text: String?, _ name: String) -> String? {
            guard let text, !Self.isKeepable(text, limit: TokenResponseLimits.token) else { return text }
            dropped.append(name)
            return nil
        }
        let refreshToken = token(refreshToken, "refresh token")
        let idToken = token(idToken, "ID token")
        var tokenType = tokenType
        if !Self.isKeepable(tokenType, limit: TokenResponseLimits.tokenType) {
            dropped.append("token type")
            tokenType = "Bearer"
        }
        var scopes = scopes
        if !Self.areKeepable(scopes) {
            dropped.append("scope")
            scopes = granted
        }
        var raw = raw
        if raw.bytes.count > TokenResponseLimits.response {
            dropped.append("the response as JSON")
            raw = .object([:])
        }
        let second = second?.keepable
        if second == nil, self.second != nil { dropped.append("second grant") }
        return TokenResponse(
            accessToken: accessToken, tokenType: tokenType, refreshToken: refreshToken,
            refreshTokenLifetime: refreshTokenLifetime, authorizationLifetime: authorizationLifetime,
            lifetime: lifetime,
            unreadableFields: unreadableFields, droppedParts: dropped, scopes: scopes, idToken: idToken,
            // A refresh changes none of what the entry keeps.
            fields: [:], raw: raw, second: second)
    }

    private static func isKeepable(_ text: String, limit: Int) -> Bool {
        text.utf8.count <= limit && !text.utf8.contains { $0 < 0x20 || $0 == 0x7F }
    }

    private static func areKeepable(_ scopes: [String]) -> Bool {
        scopes.count <= TokenResponseLimits.scopeCount
            && scopes.allSatisfy { isKeepable($0, limit: TokenResponseLimits.scope) }
            && scopes.reduce(0) { $0 + $1.utf8.count } <= TokenResponseLimits.scopes
    }
}
