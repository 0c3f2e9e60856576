package import Connections
internal import Integrations
package import Logging
package import OAuthHTTP

/// Deletes connections, and revokes their grants at the provider where it can (RFC 7009).
package struct DisconnectConnection<Store: ConnectionStore>: Sendable {
    private let sealer: CredentialSealer
    private let store: Store
    private let integrations: IntegrationRegistry
    private let provider: ProviderClient
    private let audit: AuditLog
    private let logger: Logger

    package init(
        sealer: CredentialSealer, store: Store, integrations: IntegrationRegistry,
        provider: ProviderClient,
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
        guard let deleted = try await store.delete(id, workspaceID: workspaceID) else { return nil }
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
            let revocation = await provider.revoke(
                accessToken: credentials.accessToken, refreshToken: credentials.refreshToken, of: integration,
                endpoints: endpoints)
            if revocation != .revoked, revocation != .notPossible {
                logger.warning(
                    "grant could not be revoked",
                    metadata: ["connection_id": "\(connection.id)", "error": "\(revocation)"])
            }
            return revocation == .revoked
        } catch {
            logger.warning(
                "grant could not be revoked",
                metadata: ["connection_id": "\(connection.id)", "error": "\(error)"])
            return false
        }
    }
}
