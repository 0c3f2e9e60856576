package import Connections
internal import Logging
internal import StateTokens

/// Why a revocation was not begun.
package enum RevokeGrantsError: Error, Equatable {
    /// Nothing says which connections, so that all of them would match.
    case emptyFilter
    /// The Idempotency-Key has come before, with another revocation.
    case keyReused
    case store(StoreError)
    /// libcrypto failed.
    case unavailable
}

/// Begins revocations of many grants: the kill switch. ``RevocationWorker`` does them.
package struct RevokeGrants<Store: ConnectionStore>: Sendable {
    private let store: Store
    private let audit: AuditLog
    private let logger: Logger

    /// - Parameter accessTokens: grants are revoked in the same store.
    package init(_ accessTokens: AccessTokens<Store>) {
        store = accessTokens.store
        audit = accessTokens.audit
        logger = accessTokens.logger
    }

    /// Makes all matching connections inactive, and leaves their grants to the workers of all replicas.
    ///
    /// - Parameters:
    ///   - idempotencyKey: the same key with the same filter gives the revocation that the first request began.
    ///   - credentialID: whose credential asks for it; `nil`: an operator's command.
    package func begin(
        _ filter: RevocationFilter, isDryRun: Bool = false, idempotencyKey: String? = nil,
        credentialID: String? = nil
    ) async throws(RevokeGrantsError) -> Revocation {
        guard !filter.isEmpty else { throw .emptyFilter }
        let id: RevocationID
        do {
            id =
                try idempotencyKey.map {
                    RevocationID(idempotencyKey: $0, workspaceID: filter.workspaceID)
                } ?? RevocationID.random()
        } catch {
            logger.error("a revocation has no id", metadata: ["error": "\(error)"])
            throw .unavailable
        }
        var event = AuditEvent(.revoke, .success)
        event.workspaceID = filter.workspaceID
        event.integrationID = filter.integrationID
        event.userID = filter.userID
        event.credentialID = credentialID
        do throws(StoreError) {
            let revocation = try await store.beginRevocation(
                NewRevocation(
                    id: id, filter: filter, isDryRun: isDryRun, actor: credentialID ?? EventNote.system))
            event.detail = "\(id) begun\(isDryRun ? ", dry run" : "")"
            audit.record(event)
            return revocation
        } catch {
            let isReused = error == .alreadyExists
            var failed = AuditEvent(
                .revoke, isReused ? .refused : .failed,
                reason: isReused ? "idempotency_key_reused" : "store_unavailable")
            failed.workspaceID = filter.workspaceID
            failed.credentialID = credentialID
            audit.record(failed)
            throw isReused ? RevokeGrantsError.keyReused : RevokeGrantsError.store(error)
        }
    }
}

extension ConnectServices {
    package var revocations: RevokeGrants<Store> { RevokeGrants(accessTokens) }
}
