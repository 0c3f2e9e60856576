package import Connections
internal import Integrations
package import Logging
package import OAuthHTTP

/// The result of a disconnect.
package struct Disconnection: Sendable, Equatable {
    package let revocation: RevocationOutcome
    /// The workspace's own connections that live by the same grant.
    package let others: [ConnectionID]

    package init(revocation: RevocationOutcome, others: [ConnectionID]) {
        self.revocation = revocation
        self.others = others
    }
}

/// Deletes connections, and revokes their grants at the provider where it can (RFC 7009) and where no other connection
/// lives by them.
package struct DisconnectConnection<Store: ConnectionStore>: Sendable {
    private let settings: ServiceSettings
    private let sealer: CredentialSealer
    private let store: Store
    private let integrations: IntegrationRegistry
    private let revoker: GrantRevoker<Store>
    private let audit: AuditLog
    private let logger: Logger

    package init(
        settings: ServiceSettings, sealer: CredentialSealer, store: Store, integrations: IntegrationRegistry,
        provider: ProviderClient, audit: AuditLog = .silent, logger: Logger
    ) {
        self.settings = settings
        self.sealer = sealer
        self.store = store
        self.integrations = integrations
        revoker = GrantRevoker(
            settings: settings, store: store, integrations: integrations, provider: provider, logger: logger)
        self.audit = audit
        self.logger = logger
    }

    /// - Parameters:
    ///   - revokes: `false` leaves the grant as it is.
    ///   - credentialID: whose credential asks for it.
    /// - Returns: `nil` if the workspace has no such connection.
    package func end(
        _ id: ConnectionID, workspaceID: String, revokes: Bool = true, credentialID: String? = nil
    ) async throws(StoreError) -> Disconnection? {
        let start = ContinuousClock.now
        let held = try await stored(id, workspaceID)
        let (deleted, sharers) = try await delete(
            id, workspaceID, reach: held.flatMap { integration(of: $0.connection) }.flatMap(revoker.reach),
            note: EventNote(actor: credentialID ?? EventNote.system), held)
        guard let deleted else { return nil }
        var event: AuditEvent
        let result: RevocationOutcome
        switch deleted {
        case .whole(let sealed):
            // Continues even if the caller goes away: the row is deleted, so only this task has the tokens.
            result = await Task { () -> RevocationOutcome in
                guard revokes else { return .notPossible }
                guard sharers.isEmpty else { return .shared }
                let result = await revoker.revoke(sealed, openedBy: sealer)
                if result == .revoked { await noteRevocation(of: sealed.connection, credentialID) }
                return result
            }.value
            event = AuditEvent(.disconnect, of: sealed.connection, .success)
        case .unreadable(let fault):
            logger.error(
                "a connection that could not be read was deleted, and its grant was not revoked",
                metadata: ["connection_id": "\(id)", "error": "\(fault)"])
            result = .unknown
            event = AuditEvent(.disconnect, .success)
            event.connectionID = id
            event.workspaceID = workspaceID
        }
        event.credentialID = credentialID
        event.isRevoked = result == .revoked
        event.detail = revokes ? result.rawValue : "left"
        event.duration = start.duration(to: .now)
        audit.record(event)
        let others = sharers.filter {
            $0.workspaceID.map { $0.utf8.elementsEqual(workspaceID.utf8) } ?? false
        }
        return Disconnection(revocation: result, others: others.compactMap(\.id))
    }

    /// The connection's integration as it is configured now.
    private func integration(of connection: Connection) -> ConfiguredIntegration? {
        guard case .configured(let integration) = integrations[of: connection] else { return nil }
        return integration
    }

    /// - Returns: `nil` also for a row that cannot be read.
    private func stored(
        _ id: ConnectionID, _ workspaceID: String
    ) async throws(StoreError) -> SealedConnection? {
        do throws(StoreError) {
            return try await store.credentials(of: id, workspaceID: workspaceID)
        } catch .unreadable {
            return nil
        }
    }

    /// Deletes the row once no refresh holds it: the tokens that it holds then are those to revoke. A refresh that
    /// outlives its lease loses the row, and revokes what it got.
    ///
    /// A store that goes away meanwhile is asked again: it may have deleted the row all the same, and then what the row
    /// held before is revoked.
    private func delete(
        _ id: ConnectionID, _ workspaceID: String, reach: RevocationReach?, note: EventNote,
        _ seen: SealedConnection?
    ) async throws(StoreError) -> (DeletedConnection?, [GrantSharer]) {
        let end = ContinuousClock.now + settings.providerTimeout + .seconds(5)
        var held = seen
        var failureCount = 0
        while true {
            let isPatient = ContinuousClock.now < end && !Task.isCancelled
            do throws(StoreError) {
                let deletion = try await store.delete(
                    id, workspaceID: workspaceID, reach: reach, takesLease: !isPatient, note: note)
                switch deletion {
                case .notFound:
                    guard failureCount > 0, let held else { return (nil, []) }
                    return (.whole(held), try await sharers(of: held.connection, within: reach))
                case .deleted(let deleted, let sharers): return (deleted, sharers)
                case .leased(let remaining):
                    await pause(min(remaining, .milliseconds(100)))
                    // The refresh that held it may have put other tokens there.
                    held = try await stored(id, workspaceID) ?? held
                }
            } catch .unavailable(let reason, let kind) {
                failureCount += 1
                guard failureCount < 4 else { throw .unavailable(reason: reason, kind: kind) }
                await pause(.milliseconds(100 << failureCount))
            }
        }
    }

    private func sharers(
        of connection: Connection, within reach: RevocationReach?
    ) async throws(StoreError) -> [GrantSharer] {
        guard let reach else { return [] }
        return try await store.sharers(
            of: GrantOwner(
                reach: reach, accountID: connection.account?.id, userID: connection.userID,
                integrationID: connection.integrationID, config: connection.config, except: connection.id))
    }

    private func noteRevocation(of connection: Connection, _ credentialID: String?) async {
        do throws(StoreError) {
            try await store.noteRevocation(
                of: connection, note: EventNote(actor: credentialID ?? EventNote.system))
        } catch {
            logger.warning(
                "a grant was revoked, and its connection's events do not say so",
                metadata: ["connection_id": "\(connection.id)", "error": "\(error)"])
        }
    }
}
