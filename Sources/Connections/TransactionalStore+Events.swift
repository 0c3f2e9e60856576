package import StateTokens

extension TransactionalStore {
    package func events(
        of id: ConnectionID, workspaceID: String
    ) async throws(StoreError) -> [ConnectionEvent]? {
        try await read { transaction in
            let events = try transaction.events(
                of: id, workspaceID: workspaceID, limit: ConnectionEvent.keptCount)
            if events.isEmpty, try transaction.connection(id, workspaceID: workspaceID) == nil { return nil }
            return events
        }
    }

    package func noteRevocation(
        of connection: Connection, note: EventNote
    ) async throws(StoreError) {
        try await write { [publisher] transaction in
            try transaction.note(
                .revoked, of: connection.id, workspaceID: connection.workspaceID, note, connection,
                publisher)
        }
    }

    package func purgeEvents(limit: Int) async throws(StoreError) -> Int {
        try await write { transaction in
            try transaction.deleteEvents(keptUntil: try transaction.now(), limit: max(limit, 0))
        }
    }
}

extension StoreTransaction {
    /// Writes down what this transaction does to a connection, whose row it has locked, and who is to be told.
    /// - Parameter connection: as it is now; `nil` if its row cannot be read.
    func note(
        _ kind: ConnectionEvent.Kind, of id: ConnectionID, workspaceID: String, _ note: EventNote,
        _ connection: Connection?, _ publisher: WebhookPublisher
    ) throws {
        // A provider that is down for days would otherwise leave nothing else to read.
        if kind == .refreshFailed, let last = try events(of: id, workspaceID: workspaceID, limit: 1).first,
            last.type == kind.rawValue, last.detail == note.detail
        {
            return
        }
        let event = ConnectionEvent(kind, note, number: 0, at: try now())
        try insertNext(event, of: id, workspaceID: workspaceID)
        // A connection that was just made has no more than there may be.
        if kind != .created { try deleteEvents(of: id, butNewest: ConnectionEvent.keptCount) }
        if let type = kind.webhookType {
            try enqueue(type, in: workspaceID, about: id.description, publisher) { time in
                type.body(connection, id, workspaceID: workspaceID, reason: note.detail, at: time)
            }
        }
        // One that was revoked without being deleted is there, inactive, and keeps its events.
        if kind == .deleted || kind == .revoked && connection?.status != .inactive {
            try keepEvents(of: id, until: event.time + ConnectionEvent.retention)
        }
    }
}

extension ConnectionChanges {
    /// What an update is to those who read a connection's events.
    var eventKind: ConnectionEvent.Kind {
        switch status?.status {
        case .expired: .expired
        case .error: .refreshFailed
        case .active, .inactive, .testing, nil: .updated
        }
    }

    /// What the update changed, or why.
    func eventNote(_ note: EventNote) -> EventNote {
        if note.detail != nil { return note }
        if let reason = status?.reason { return EventNote(detail: reason, actor: note.actor) }
        let names = [
            label.map { _ in "label" }, tags.map { _ in "tags" }, config.map { _ in "config" },
            account.map { _ in "account" }, userID.map { _ in "user_id" },
            status.map { "status \($0.status.rawValue)" },
        ].compactMap { $0 }
        return EventNote(detail: names.joined(separator: ", "), actor: note.actor)
    }
}

// MARK: Calls of which there is no more to say

extension ConnectionStore {
    /// Inserts one by one: an error leaves the earlier ones inserted. A store with transactions replaces it.
    package func insert(
        _ connections: [SealedNewConnection]
    ) async throws(StoreError) -> [Connection?] {
        var inserted: [Connection?] = []
        for new in connections {
            do throws(StoreError) {
                try await insert(new.connection, new.credentials)
                inserted.append(
                    try await connection(new.connection.id, workspaceID: new.connection.workspaceID))
            } catch .alreadyExists {
                inserted.append(nil)
            }
        }
        return inserted
    }

    /// Reads and writes until nothing came between, for stores that have no better way.
    package func update<Rejection: Error>(
        _ id: ConnectionID, workspaceID: String, note: EventNote,
        _ changes: @escaping @Sendable (Connection) -> Result<ConnectionChanges, Rejection>
    ) async throws(StoreError) -> Result<Connection, Rejection> {
        for _ in 0..<8 {
            guard let found = try await connection(id, workspaceID: workspaceID) else { throw .notFound }
            let wanted: ConnectionChanges
            switch changes(found) {
            case .success(let changes): wanted = changes
            case .failure(let rejection): return .failure(rejection)
            }
            do throws(StoreError) {
                return .success(
                    try await update(
                        id, workspaceID: workspaceID, ifRevision: found.revision, wanted, note: note))
            } catch .revisionConflict {
                continue
            }
        }
        throw .revisionConflict
    }

    package func claim(
        flow: FlowID, codeHash: CodeHash, owner: LeaseOwner, lease: Duration, keep: Duration
    ) async throws(StoreError) -> ClaimResult {
        try await claim(
            flow: flow, codeHash: codeHash, owner: owner, lease: lease, keep: keep, subject: nil)
    }

    package func grants(
        of id: RevocationID, after connectionID: String?, limit: Int
    ) async throws(StoreError) -> [RevocationEntry] {
        try await grants(of: id, that: nil, after: connectionID, limit: limit)
    }

    package func finish(
        flow: FlowID, owner: LeaseOwner, as ending: FlowEnding
    ) async throws(StoreError) -> Bool {
        try await finish(flow: flow, owner: owner, as: ending, note: EventNote(actor: EventNote.user))
    }

    package func update(
        _ id: ConnectionID, workspaceID: String, ifRevision: Int64, _ changes: ConnectionChanges
    ) async throws(StoreError) -> Connection {
        try await update(id, workspaceID: workspaceID, ifRevision: ifRevision, changes, note: EventNote())
    }

    package func delete(
        _ id: ConnectionID, workspaceID: String, reach: RevocationReach?, takesLease: Bool
    ) async throws(StoreError) -> Deletion {
        try await delete(
            id, workspaceID: workspaceID, reach: reach, takesLease: takesLease, note: EventNote())
    }

    package func finishRefresh(
        _ id: ConnectionID, workspaceID: String, ifCredentialsRevision: Int64, with grant: RefreshedGrant
    ) async throws(StoreError) -> Bool {
        try await finishRefresh(
            id, workspaceID: workspaceID, ifCredentialsRevision: ifCredentialsRevision, with: grant,
            note: EventNote())
    }

    package func failRefresh(
        _ id: ConnectionID, workspaceID: String, owner: LeaseOwner, status: ConnectionChanges.Status?,
        cooldown: Duration
    ) async throws(StoreError) -> Bool {
        try await failRefresh(
            id, workspaceID: workspaceID, owner: owner, status: status, cooldown: cooldown, note: EventNote())
    }
}
