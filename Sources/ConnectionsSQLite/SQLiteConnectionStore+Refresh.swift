package import Connections
import GRDB
import StateTokens

extension SQLiteConnectionStore {
    package func beginRefresh(
        _ id: ConnectionID, workspaceID: String, ifCredentialsRevision: Int64, owner: LeaseOwner,
        lease: Duration
    ) async throws(StoreError) -> RefreshStart {
        try await write { database, now in
            guard let row = try ConnectionRow.find(id, workspaceID: workspaceID, in: database) else {
                return .notFound
            }
            var credentialsRow = try CredentialsRow.find(id, in: database)
            let current = SealedConnection(
                connection: try row.connection(), credentials: credentialsRow.credentials)
            guard row.credentialsRevision == ifCredentialsRevision else { return .replaced(current) }
            if let obstacle = credentialsRow.obstacle(at: now) { return obstacle }
            credentialsRow.lease(to: owner, until: now + lease)
            try credentialsRow.update(database)
            return .granted(current)
        }
    }

    package func finishRefresh(
        _ id: ConnectionID, workspaceID: String, ifCredentialsRevision: Int64, with grant: RefreshedGrant
    ) async throws(StoreError) -> Bool {
        try await write { database, now in
            guard var row = try ConnectionRow.find(id, workspaceID: workspaceID, in: database),
                row.credentialsRevision == ifCredentialsRevision
            else { return false }
            try row.settle(ConnectionChanges.Status(.active))
            row.expiresAt = grant.expiresAt?.secondsSinceEpoch
            row.lastRefreshedAt = now.millisecondsSinceEpoch
            if let scopesGranted = grant.scopesGranted { row.scopesGranted = scopesGranted }
            row.advance(now: now, credentialsChange: true)
            try row.update(database)
            var credentialsRow = try CredentialsRow.find(id, in: database)
            credentialsRow.replace(with: grant.credentials)
            try credentialsRow.update(database)
            return true
        }
    }

    package func failRefresh(
        _ id: ConnectionID, workspaceID: String, owner: LeaseOwner, status: ConnectionChanges.Status?,
        cooldown: Duration
    ) async throws(StoreError) -> Bool {
        try await write { database, now in
            guard var row = try ConnectionRow.find(id, workspaceID: workspaceID, in: database) else {
                return false
            }
            var credentialsRow = try CredentialsRow.find(id, in: database)
            guard credentialsRow.isLeased(to: owner) else { return false }
            credentialsRow.coolDown(until: now + cooldown)
            try credentialsRow.update(database)
            if let status {
                try row.settle(status)
                row.advance(now: now)
                try row.update(database)
            }
            return true
        }
    }
}

extension ConnectionRow {
    /// Gives the row the status that a refresh led to, unless a person set another one.
    fileprivate mutating func settle(_ outcome: ConnectionChanges.Status) throws {
        guard let current = ConnectionStatus(rawValue: status) else {
            throw StoreError.corrupt(reason: "a connection without a status")
        }
        let next = current.afterRefresh(outcome.status)
        guard next == outcome.status else { return }
        status = next.rawValue
        statusReason = outcome.reason
    }
}
