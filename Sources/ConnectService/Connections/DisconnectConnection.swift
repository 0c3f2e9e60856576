package import Connections
internal import Integrations
package import Logging
internal import OAuth
package import OAuthHTTP

/// Deletes connections, and revokes their grants at the provider where it can (RFC 7009).
package struct DisconnectConnection<Store: ConnectionStore>: Sendable {
    private let sealer: CredentialSealer
    private let store: Store
    private let integrations: IntegrationRegistry
    private let provider: TokenEndpointClient
    private let audit: AuditLog
    private let logger: Logger

    package init(
        sealer: CredentialSealer, store: Store, integrations: IntegrationRegistry,
        provider: TokenEndpointClient,
        audit: AuditLog = .silent, logger: Logger
    ) {
        self.sealer = sealer
        self.store = store
        self.integrations = integrations
        self.provider = provider
        self.audit = audit
        self.logger = logger
    }

    /// - Parameter credentialID: whose credential asks for it.
    /// - Returns: whether the provider confirmed the revocation; `nil` if the workspace has no such connection.
    package func callAsFunction(
        _ id: ConnectionID, workspaceID: String, credentialID: String? = nil
    ) async throws(StoreError) -> Bool? {
        let start = ContinuousClock.now
        let deleted: SealedConnection
        switch try await store.delete(id, workspaceID: workspaceID) {
        case .whole(let found): deleted = found
        case .unreadable(let fault):
            logger.error(
                "a connection that could not be read was deleted, and its grant was not revoked",
                metadata: ["connection_id": "\(id)", "error": "\(fault)"])
            var event = AuditEvent(.disconnect, .success)
            event.connectionID = id
            event.workspaceID = workspaceID
            event.credentialID = credentialID
            event.isRevoked = false
            audit.record(event)
            return false
        case nil: return nil
        }
        // Goes on even if the one who asked goes away: nobody else has the tokens any more.
        let isRevoked = await Task { await revoke(deleted) }.value
        var event = AuditEvent(.disconnect, of: deleted.connection, .success)
        event.credentialID = credentialID
        event.isRevoked = isRevoked
        event.duration = start.duration(to: .now)
        audit.record(event)
        return isRevoked
    }

    private func revoke(_ deleted: SealedConnection) async -> Bool {
        let connection = deleted.connection
        guard case .configured(let integration) = integrations[connection.integrationID] else { return false }
        do {
            let location = CredentialLocation(
                workspaceID: connection.workspaceID, connectionID: connection.id)
            let credentials = try sealer.open(deleted.credentials, at: location)
            let endpoints = try integration.endpoints(of: connection)
            // The refresh token stands for the grant: with it go its access tokens.
            let request =
                if let refreshToken = credentials.refreshToken {
                    try TokenRequest.revocation(
                        integration, endpoints: endpoints, token: refreshToken, tokenTypeHint: "refresh_token"
                    )
                } else {
                    try TokenRequest.revocation(
                        integration, endpoints: endpoints, token: credentials.accessToken,
                        tokenTypeHint: "access_token")
                }
            guard let request else { return false }
            return try await provider.send(request).status == 200
        } catch {
            logger.warning(
                "grant could not be revoked",
                metadata: ["connection_id": "\(connection.id)", "error": "\(error)"])
            return false
        }
    }
}
