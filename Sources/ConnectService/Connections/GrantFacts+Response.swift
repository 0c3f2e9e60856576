internal import Connections
internal import Integrations
internal import OAuth
internal import StateTokens

extension GrantFacts {
    /// What a token response says of a grant.
    ///
    /// - Parameter credentials: what was made of the response.
    init(
        _ response: TokenResponse, _ credentials: Credentials, of integration: ConfiguredIntegration,
        receivedAt now: Timestamp
    ) {
        let rules = integration.integration.refresh
        let canRefresh =
            rules.mode != .none && (credentials.refreshToken != nil || rules.token == .accessToken)
        self.init(
            client: ClientFingerprint(clientID: integration.clientID),
            tokenLifetime: credentials.expiresAt.map { .seconds(max(0, $0.seconds(since: now))) },
            isExpiryFinal: !canRefresh
                && (credentials.expiresAt.map { response.lifetime.states($0) } ?? false))
    }
}

extension ConfiguredIntegration {
    /// Whether the connection's grant was issued to the client that is configured now, as far as that is known: any
    /// other client's refresh is `invalid_grant` (RFC 6749 §5.2), and says nothing of the grant.
    func isClient(of connection: Connection) -> Bool {
        connection.facts.client.map { $0 == ClientFingerprint(clientID: clientID) } ?? true
    }
}
