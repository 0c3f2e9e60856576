internal import Connections
internal import Integrations
internal import OAuth
internal import StateTokens

extension AccessTokens {
    /// A token that ends sooner is refreshed before it is handed out; a short-lived one within its last quarter.
    private static var longestMargin: Duration { .seconds(60) }

    /// Whether a token is refreshed before it is handed out.
    func isDue(_ found: OpenConnection, _ part: GrantPart = .first) -> Bool {
        let second = found.credentials.second
        guard let expiresAt = part == .first ? found.credentials.expiresAt : second?.expiresAt else {
            return false
        }
        let lifetime = part == .first ? found.connection.facts.tokenLifetime : second?.lifetime
        // It would end later than a token that is issued now: the clock was ahead when this one was.
        if let lifetime, expiresAt > now() + lifetime + SweepPlan.longestSkew { return true }
        let quarter = lifetime.map { $0 / 4 }
        let rules = integration(of: found)?.integration.refresh
        let longest = rules?.margin ?? Self.longestMargin
        let margin = min(longest, rules?.window ?? longest)
        return expiresAt <= now() + min(margin, quarter ?? margin)
    }

    /// Whether the token may still be good: an end that was only assumed ends nothing.
    func isAlive(_ found: OpenConnection, _ part: GrantPart = .first) -> Bool {
        if part == .second {
            guard let second = found.credentials.second else { return false }
            guard let expiresAt = second.expiresAt, expiresAt <= now() else { return true }
            return !second.isExpiryStated
        }
        guard let expiresAt = found.credentials.expiresAt, expiresAt <= now() else { return true }
        guard case .configured(let integration) = integrations[of: found.connection] else {
            return false
        }
        return !TokenResponse.states(expiresAt, in: found.credentials.raw, for: integration)
    }

    /// When a refreshed token expires. A response that says nothing of it means what the last one said, or what the
    /// token itself says; else an hour is assumed.
    func expiry(
        of response: TokenResponse, replacing old: OpenConnection, receivedAt now: Timestamp
    ) -> Timestamp? {
        guard response.lifetime == .unstated else {
            return response.lifetime.expiry(receivedAt: now, replacing: old.credentials.expiresAt)
        }
        if let lifetime = old.connection.facts.tokenLifetime, lifetime > .zero { return now + lifetime }
        if let end = TokenClaims.expiry(of: response.accessToken), end > now { return end }
        return response.lifetime.expiry(receivedAt: now, replacing: old.credentials.expiresAt)
    }
}
