internal import Cryptography
internal import Encodings
internal import StateTokens
internal import Synchronization

/// Tokens as the token endpoint gives them (RFC 6749 §5.1).
struct SandboxTokens: Sendable {
    let accessToken: String
    let refreshToken: String
    let scopes: [SandboxScope]
}

/// The token endpoint (RFC 6749 §3.2).
extension SandboxProvider {
    func tokens(
        _ parameters: SandboxParameters, authorization: String?
    ) throws(SandboxTokenError) -> SandboxTokens {
        try checkDoubles(parameters)
        try client.authenticate(parameters, authorization: authorization)
        switch parameters["grant_type"] {
        case "authorization_code": return try exchange(parameters)
        case "refresh_token": return try refresh(parameters)
        case nil: throw .invalidRequest("`grant_type` is needed")
        default: throw .unsupportedGrantType
        }
    }

    func checkDoubles(_ parameters: SandboxParameters) throws(SandboxTokenError) {
        if parameters.doubled != nil { throw .invalidRequest("a parameter is sent more than once") }
    }

    /// RFC 6749 §4.1.3 with RFC 7636 §4.6. Whatever comes of it, the code is used up.
    private func exchange(_ parameters: SandboxParameters) throws(SandboxTokenError) -> SandboxTokens {
        guard let code = parameters["code"] else { throw .invalidRequest("`code` is needed") }
        guard let verifier = parameters["code_verifier"] else {
            throw .invalidRequest("`code_verifier` is needed")
        }
        guard let redirectURI = parameters["redirect_uri"] else {
            throw .invalidRequest("`redirect_uri` is needed")
        }
        let draft = try Draft()
        let now = now()
        return try ledger.withLock { ledger throws(SandboxTokenError) in
            guard var record = ledger.codes[code, now] else {
                throw .invalidGrant("the code is unknown or expired")
            }
            guard !record.isUsed else {
                if let grantID = record.grantID { ledger.grants.remove(grantID, at: now) }
                throw .invalidGrant("the code was used before")
            }
            record.isUsed = true
            defer { ledger.codes.replace(record, for: code) }
            guard redirectURI.utf8.elementsEqual(record.request.redirectURI.utf8) else {
                throw .invalidGrant("`redirect_uri` is not that of the authorization request")
            }
            guard Self.isVerifier(verifier, of: record.request.codeChallenge) else {
                throw .invalidGrant("`code_verifier` does not fit the challenge")
            }
            record.grantID = draft.grantID
            let grant = Grant(scopes: record.request.scopes, refreshToken: draft.refreshToken)
            return ledger.issue(draft, grant, grant.scopes, at: now)
        }
    }

    /// RFC 6749 §6. Each use gives a new refresh token; an old one that comes again ends the grant, since one of the two
    /// who have it is a thief (RFC 9700 §4.14.2).
    private func refresh(_ parameters: SandboxParameters) throws(SandboxTokenError) -> SandboxTokens {
        guard let token = parameters["refresh_token"] else {
            throw .invalidRequest("`refresh_token` is needed")
        }
        var draft = try Draft()
        let now = now()
        return try ledger.withLock { ledger throws(SandboxTokenError) in
            guard let grantID = ledger.refreshTokens[token, now], var grant = ledger.grants[grantID, now]
            else {
                throw .invalidGrant("the refresh token is unknown, expired or revoked")
            }
            guard constantTimeEqual(grant.refreshToken.utf8.span, token.utf8.span) else {
                ledger.grants.remove(grantID, at: now)
                throw .invalidGrant("the refresh token was used before")
            }
            let asked = parameters["scope"].map(SandboxScope.parse) ?? grant.scopes
            guard let scopes = asked, scopes.allSatisfy(grant.scopes.contains) else { throw .invalidScope }
            draft.grantID = grantID
            grant.refreshToken = draft.refreshToken
            return ledger.issue(draft, grant, scopes, at: now)
        }
    }

    private static func isVerifier(_ text: String, of challenge: String) -> Bool {
        let isWellFormed =
            (43...128).contains(text.utf8.count)
            && text.utf8.allSatisfy { octet in
                switch octet {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: "_"),
                    UInt8(ascii: "~"):
                    true
                default: false
                }
            }
        let computed = Base64URL.encode(SHA256.digest(text.utf8.span).span)
        return isWellFormed && constantTimeEqual(computed.utf8.span, challenge.utf8.span)
    }

    /// Random texts, made before the lock is taken.
    fileprivate struct Draft {
        var grantID: String
        let accessToken: String
        let refreshToken: String

        init() throws(SandboxTokenError) {
            do throws(CryptographyError) {
                grantID = try randomText()
                accessToken = try randomText()
                refreshToken = try randomText()
            } catch {
                throw .unavailable
            }
        }
    }
}

extension SandboxProvider.Ledger {
    fileprivate mutating func issue(
        _ draft: SandboxProvider.Draft, _ grant: SandboxProvider.Grant, _ scopes: [SandboxScope],
        at now: Timestamp
    ) -> SandboxTokens {
        // Inserted again at each refresh: a grant lasts as long as its latest refresh token.
        grants.insert(grant, for: draft.grantID, at: now)
        let token = SandboxProvider.AccessToken(grantID: draft.grantID, scopes: scopes)
        accessTokens.insert(token, for: draft.accessToken, at: now)
        refreshTokens.insert(draft.grantID, for: draft.refreshToken, at: now)
        return SandboxTokens(accessToken: draft.accessToken, refreshToken: draft.refreshToken, scopes: scopes)
    }
}
