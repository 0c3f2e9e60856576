internal import Synchronization

/// What access tokens are good for, and how tokens end.
extension SandboxProvider {
    /// The scopes of an access token; `nil` if it is unknown, expired or revoked.
    func scopes(accessToken: String) -> [SandboxScope]? {
        let now = now()
        return ledger.withLock { ledger in
            guard let token = ledger.accessTokens[accessToken, now], ledger.grants[token.grantID, now] != nil
            else {
                return nil
            }
            return token.scopes
        }
    }

    /// RFC 7009 §2: a refresh token takes its access tokens with it; an unknown token counts as revoked.
    func revoke(_ parameters: SandboxParameters, authorization: String?) throws(SandboxTokenError) {
        try checkDoubles(parameters)
        try client.authenticate(parameters, authorization: authorization)
        guard let token = parameters["token"] else { throw .invalidRequest("`token` is needed") }
        let now = now()
        ledger.withLock { ledger in
            ledger.accessTokens.remove(token, at: now)
            if let grantID = ledger.refreshTokens[token, now] { ledger.grants.remove(grantID, at: now) }
        }
    }
}
