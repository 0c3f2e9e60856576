internal import Connections
internal import Integrations
internal import OAuth
internal import StateTokens

extension GrantFacts {
    /// What a token response says of a grant.
    ///
    /// - Parameters:
    ///   - credentials: what was made of the response.
    ///   - old: what a refresh replaces; `nil` for a grant that is new.
    ///   - margin: how long before its end a token in use is refreshed ahead.
    init(
        _ response: TokenResponse, _ credentials: Credentials, of integration: ConfiguredIntegration,
        receivedAt now: Timestamp, replacing old: OpenConnection? = nil,
        margin: Duration = SweepPlan.defaultMargin
    ) {
        let rules = integration.integration.refresh
        let canRefresh =
            rules.mode != .none && (credentials.refreshToken != nil || rules.token == .accessToken)
        let lifetime = credentials.expiresAt.map { Duration.seconds(max(0, $0.seconds(since: now))) }
        let isFinal = !canRefresh && (credentials.expiresAt.map { response.lifetime.states($0) } ?? false)
        // A grant that nothing refreshes ends with its access token. One that is soon over is no news.
        let isLong = lifetime.map { $0 > ConnectionEvent.reauthorizationNotice } ?? false
        let reauthorizeBy = [
            response.reauthorizeBy(
                tokenLifetime: rules.tokenLifetime, receivedAt: now, replacing: old),
            isFinal && isLong ? credentials.expiresAt : nil,
        ].compactMap { $0 }.min()
        var sweepAt = isFinal ? credentials.expiresAt : nil
        if canRefresh {
            sweepAt = SweepPlan(rules, margin: margin).next(
                for: SweepPlan.Grant(
                    expiresAt: credentials.expiresAt, tokenLifetime: lifetime, issuedAt: now,
                    readAt: old?.connection.tokenReadAt, reauthorizeBy: reauthorizeBy), at: now)
        }
        let second = SweepPlan.Grant(credentials.second, of: old?.connection, under: rules)
            .flatMap { SweepPlan(rules, margin: margin).next(for: $0, at: now) }
        let secondEnd = credentials.second.flatMap { rules.end(of: $0) }
        sweepAt = [sweepAt, second, secondEnd].compactMap { $0 }.min()?.inSight(at: now)
        self.init(
            client: ClientFingerprint(clientID: integration.clientID), tokenLifetime: lifetime,
            isExpiryFinal: isFinal, reauthorizeBy: reauthorizeBy, sweepAt: sweepAt.map { DatabaseTime($0) })
    }
}

extension TokenResponse {
    /// Whether a refresh moves the grant's end, so that it is to be announced only if it was not moved in time.
    ///
    /// - Parameters:
    ///   - end: the grant's end as this response has it.
    ///   - old: what a refresh replaces; `nil` for a grant that is new.
    /// - Returns: `nil` if the response does not tell.
    func movesEnd(
        _ end: Timestamp?, by rules: RefreshRules, at now: Timestamp, replacing old: OpenConnection? = nil
    ) -> Bool? {
        guard let end else { return nil }
        // The user's authorization ends at its time, whatever is refreshed.
        guard self.end(authorizationLifetime, at: now) != end else { return false }
        guard let old, let before = old.connection.reauthorizeBy else {
            return refreshToken != nil && rules.mode == .rotates
        }
        let isReplaced = refreshToken != nil && refreshToken != old.credentials.refreshToken
        guard isReplaced || end != before else { return nil }
        // One that stays is told in seconds from now, and may come out a moment later.
        let passed = now.seconds(since: old.connection.lastRefreshedAt ?? old.connection.createdAt)
        return end.seconds(since: before) * 2 >= max(passed, 1)
    }

    private func end(_ lifetime: TokenLifetime, at now: Timestamp) -> Timestamp? {
        switch lifetime {
        case .seconds(let duration): now + duration
        case .until(let time): time > now ? time : nil
        case .unlimited, .unstated, .assumed: nil
        }
    }

    /// By when the user has to grant again: when the authorization ends or the refresh token does, whichever is first.
    ///
    /// A response that says nothing of it changes nothing, unless it brings a new refresh token that lasts as long as
    /// the entry says.
    fileprivate func reauthorizeBy(
        tokenLifetime: Duration?, receivedAt now: Timestamp, replacing old: OpenConnection?
    ) -> Timestamp? {
        let stated = [end(refreshTokenLifetime, at: now), end(authorizationLifetime, at: now)]
            .compactMap { $0 }.min()
        if let stated { return stated }
        if refreshTokenLifetime == .unlimited { return nil }
        if let tokenLifetime, let refreshToken, refreshToken != old?.credentials.refreshToken {
            return now + tokenLifetime
        }
        return old?.connection.reauthorizeBy
    }
}

extension ConfiguredIntegration {
    /// Whether the connection's grant was issued to the client that is configured now, as far as that is known: any
    /// other client's refresh is `invalid_grant` (RFC 6749 §5.2), and says nothing of the grant.
    func isClient(of connection: Connection) -> Bool {
        connection.facts.client == nil || isKnownClient(of: connection)
    }

    /// Whether the connection's grant is known to have been issued to this client.
    func isKnownClient(of connection: Connection) -> Bool {
        connection.facts.client == ClientFingerprint(clientID: clientID)
    }
}
