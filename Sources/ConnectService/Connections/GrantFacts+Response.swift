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
        let reauthorizeBy = response.reauthorizeBy(
            tokenLifetime: rules.tokenLifetime, receivedAt: now, replacing: old)
        var sweepAt = isFinal ? credentials.expiresAt : nil
        if canRefresh {
            sweepAt = SweepPlan(rules, margin: margin).next(
                for: SweepPlan.Grant(
                    expiresAt: credentials.expiresAt, tokenLifetime: lifetime, issuedAt: now,
                    readAt: old?.connection.tokenReadAt, reauthorizeBy: reauthorizeBy), at: now)
        }
        let second = SweepPlan.Grant(credentials.second, of: old?.connection, under: rules)
            .flatMap { SweepPlan(rules, margin: margin).next(for: $0, at: now) }
        sweepAt = [sweepAt, second].compactMap { $0 }.min()
        self.init(
            client: ClientFingerprint(clientID: integration.clientID), tokenLifetime: lifetime,
            isExpiryFinal: isFinal, reauthorizeBy: reauthorizeBy, sweepAt: sweepAt.map { DatabaseTime($0) })
    }
}

extension TokenResponse {
    /// By when the user has to grant again: when the authorization ends or the refresh token does, whichever is first.
    ///
    /// A response that says nothing of it changes nothing, unless it brings a new refresh token that lasts as long as
    /// the entry says.
    fileprivate func reauthorizeBy(
        tokenLifetime: Duration?, receivedAt now: Timestamp, replacing old: OpenConnection?
    ) -> Timestamp? {
        func end(_ lifetime: TokenLifetime) -> Timestamp? {
            switch lifetime {
            case .seconds(let duration): now + duration
            case .until(let time): time > now ? time : nil
            case .unlimited, .unstated, .assumed: nil
            }
        }
        let stated = [end(refreshTokenLifetime), end(authorizationLifetime)].compactMap { $0 }.min()
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
