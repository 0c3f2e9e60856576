internal import Connections
internal import Encodings
internal import OAuth
internal import StateTokens

extension Credentials {
    /// The same with another expiry.
    func expiring(at expiresAt: Timestamp?) -> Credentials {
        Credentials(
            accessToken: accessToken, refreshToken: refreshToken, tokenType: tokenType, expiresAt: expiresAt,
            scope: scope, idToken: idToken, raw: raw, second: second)
    }

    /// What the response to a code brings. Where it says nothing of the access token's lifetime, the token may.
    init(firstOf response: TokenResponse, receivedAt now: Timestamp) {
        let stated = Credentials(response, keeping: nil, receivedAt: now)
        guard response.lifetime == .unstated else {
            self = stated
            return
        }
        // No provider issues an expired token: its clock differs from ours.
        let claimed = TokenClaims.expiry(of: response.accessToken).flatMap { $0 > now ? $0 : nil }
        self = stated.expiring(at: claimed)
    }

    /// - Parameter old: kept where the response says nothing: a refresh response need not repeat the refresh token
    ///   (RFC 6749 §6).
    init(
        _ response: TokenResponse, keeping old: Credentials?, takesIDToken: Bool = true,
        receivedAt now: Timestamp
    ) {
        self.init(
            accessToken: response.accessToken, refreshToken: response.refreshToken ?? old?.refreshToken,
            tokenType: response.tokenType,
            expiresAt: response.lifetime.expiry(receivedAt: now, replacing: old?.expiresAt),
            scope: response.scopes.isEmpty ? nil : response.scopes.joined(separator: " "),
            idToken: (takesIDToken ? response.idToken : nil) ?? old?.idToken,
            raw: String(decoding: response.raw.bytes, as: UTF8.self),
            second: response.second.map {
                SecondCredentials($0, keeping: old?.second, receivedAt: now)
            } ?? old?.second)
    }
}

extension SecondCredentials {
    /// The same with another expiry.
    ///
    /// - Parameter isStated: whether somebody said so, and not the token itself.
    func expiring(at expiresAt: Timestamp?, isStated: Bool) -> SecondCredentials {
        SecondCredentials(
            accessToken: accessToken, refreshToken: refreshToken, tokenType: tokenType, issuedAt: issuedAt,
            expiresAt: expiresAt, isExpiryStated: isStated, scope: scope, hasEnded: hasEnded)
    }

    /// - Parameter old: kept where the response says nothing.
    init(_ grant: TokenResponse.SecondGrant, keeping old: SecondCredentials?, receivedAt now: Timestamp) {
        self.init(
            accessToken: grant.accessToken, refreshToken: grant.refreshToken, tokenType: grant.tokenType,
            lifetime: grant.lifetime, scope: grant.scopes?.joined(separator: " "), keeping: old,
            receivedAt: now)
    }

    /// What the response to a refresh of the second grant alone brings.
    init(_ response: TokenResponse, keeping old: SecondCredentials, receivedAt now: Timestamp) {
        self.init(
            accessToken: response.accessToken, refreshToken: response.refreshToken,
            tokenType: response.tokenType, lifetime: response.lifetime,
            scope: response.scopes.isEmpty ? nil : response.scopes.joined(separator: " "), keeping: old,
            receivedAt: now)
    }

    /// A response that says nothing of the lifetime means what the last one said, or what the token itself says.
    private init(
        accessToken: String, refreshToken: String?, tokenType: String, lifetime: TokenLifetime,
        scope: String?,
        keeping old: SecondCredentials?, receivedAt now: Timestamp
    ) {
        var expiresAt = lifetime.expiry(receivedAt: now, replacing: old?.expiresAt)
        if lifetime == .unstated {
            let claimed = TokenClaims.expiry(of: accessToken).flatMap { $0 > now ? $0 : nil }
            expiresAt = old?.lifetime.map { now + $0 } ?? claimed ?? expiresAt
        }
        self.init(
            accessToken: accessToken, refreshToken: refreshToken ?? old?.refreshToken, tokenType: tokenType,
            issuedAt: now, expiresAt: expiresAt,
            isExpiryStated: expiresAt.map { lifetime.states($0) } ?? false, scope: scope ?? old?.scope)
    }
}
