extension TransactionalStore {
    package func beginRefresh(
        _ id: ConnectionID, workspaceID: String, ifCredentialsRevision: Int64, owner: LeaseOwner,
        lease: Duration
    ) async throws(StoreError) -> RefreshStart {
        // Those who wait for a refresh ask again and again: looking takes no lock and waits for no disk.
        let seen = try await read { transaction in
            try transaction.obstacle(to: id, workspaceID, ifCredentialsRevision).obstacle
        }
        if let seen, !seen.outlasts(lease) { return seen }
        return try await write { transaction in
            let (obstacle, record) = try transaction.obstacle(to: id, workspaceID, ifCredentialsRevision)
            if let obstacle {
                guard var record, obstacle.outlasts(lease) else { return obstacle }
                // The clock went back: from now on it lasts its length, and no longer.
                let now = try transaction.now()
                record.credentials.shorten(lease: lease, at: now)
                try transaction.update(record.credentials)
                return record.credentials.obstacle(at: now) ?? obstacle
            }
            guard var record else { return .notFound }
            record.credentials.lease(to: owner, until: try transaction.now() + lease)
            try transaction.update(record.credentials)
            return .granted(record.sealedConnection)
        }
    }

    package func finishRefresh(
        _ id: ConnectionID, workspaceID: String, ifCredentialsRevision: Int64, with grant: RefreshedGrant,
        note: EventNote
    ) async throws(StoreError) -> Bool {
        try await write { [publisher] transaction in
            guard var record = try transaction.sealedConnection(id, workspaceID: workspaceID),
                record.connection.credentialsRevision == ifCredentialsRevision
            else { return false }
            record.connection.refresh(grant, now: try transaction.now())
            record.credentials.replace(with: grant.credentials)
            try transaction.update(record.connection)
            try transaction.update(record.credentials)
            if let moves = grant.movesEnd { try transaction.noteEnd(of: record.connection, moves: moves) }
            try transaction.note(
                grant.change == .secondEnded ? .refreshFailed : .refreshed, of: id, workspaceID: workspaceID,
                note, record.connection, publisher)
            return true
        }
    }

    package func failRefresh(
        _ id: ConnectionID, workspaceID: String, owner: LeaseOwner, status: ConnectionChanges.Status?,
        cooldown: Duration, note: EventNote?
    ) async throws(StoreError) -> Bool {
        try await write { [publisher] transaction in
            guard var record = try transaction.sealedConnection(id, workspaceID: workspaceID),
                record.credentials.isLeased(to: owner)
            else { return false }
            let now = try transaction.now()
            record.credentials.coolDown(until: now + cooldown)
            try transaction.update(record.credentials)
            if let status {
                record.connection.failRefresh(status, now: now)
                try transaction.update(record.connection)
            }
            guard let note else { return true }
            try transaction.note(
                status?.status == .expired ? .expired : .refreshFailed, of: id, workspaceID: workspaceID,
                EventNote(detail: status?.reason ?? note.detail, actor: note.actor), record.connection,
                publisher)
            return true
        }
    }
}

extension StoreTransaction {
    /// What keeps a refresh of these credentials from beginning, and the rows that say so.
    fileprivate func obstacle(
        to id: ConnectionID, _ workspaceID: String, _ credentialsRevision: Int64
    ) throws -> (obstacle: RefreshStart?, record: SealedRecord?) {
        guard let record = try sealedConnection(id, workspaceID: workspaceID) else { return (.notFound, nil) }
        guard record.connection.credentialsRevision == credentialsRevision else {
            return (.replaced(record.sealedConnection), record)
        }
        // The time is asked for only where something holds the row.
        return (record.credentials.hold == nil ? nil : record.credentials.obstacle(at: try now()), record)
    }
}
