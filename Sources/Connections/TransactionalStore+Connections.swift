extension TransactionalStore {
    package func connection(
        _ id: ConnectionID, workspaceID: String
    ) async throws(StoreError) -> Connection? {
        try await read { try $0.connection(id, workspaceID: workspaceID) }
    }

    package func connections(matching query: ConnectionQuery) async throws(StoreError) -> ConnectionPage {
        var after: ConnectionCursor?
        if let cursor = query.cursor { after = try ConnectionCursor(cursor) }
        return try await read { [after] transaction in
            try transaction.page(matching: query, after: after)
        }
    }

    package func credentials(
        of id: ConnectionID, workspaceID: String
    ) async throws(StoreError) -> SealedConnection? {
        try await read { try $0.sealedConnection(id, workspaceID: workspaceID)?.sealedConnection }
    }

    package func insert(
        _ connection: NewConnection, _ credentials: SealedCredentials
    ) async throws(StoreError) {
        let new = SealedNewConnection(connection: connection, credentials: credentials)
        guard try await insert([new]) != [nil] else { throw .alreadyExists }
    }

    package func insert(
        _ connections: [SealedNewConnection]
    ) async throws(StoreError) -> [Connection?] {
        try await write { [publisher] transaction in
            let now = try transaction.now()
            let records = connections.map { new in
                SealedRecord(
                    connection: Connection(new.connection, now: now),
                    credentials: CredentialsRecord(
                        connectionID: new.connection.id, credentials: new.credentials))
            }
            let areNew = try transaction.insert(records)
            return try zip(zip(connections, records), areNew).map { pair, isNew -> Connection? in
                guard isNew else { return nil }
                let (new, record) = pair
                if new.connection.movesEnd { try transaction.noteEnd(of: record.connection, moves: true) }
                try transaction.note(
                    .created, of: new.connection.id, workspaceID: new.connection.workspaceID,
                    EventNote(detail: "imported"), record.connection, publisher)
                return record.connection
            }
        }
    }

    package func update(
        _ id: ConnectionID, workspaceID: String, ifRevision: Int64, _ changes: ConnectionChanges,
        note: EventNote
    ) async throws(StoreError) -> Connection {
        try await write { [publisher] transaction in
            guard var record = try transaction.connection(id, workspaceID: workspaceID) else {
                throw StoreError.notFound
            }
            guard record.revision == ifRevision else { throw StoreError.revisionConflict }
            try transaction.apply(changes, to: &record, note, publisher)
            return record
        }
    }

    package func update<Rejection: Error>(
        _ id: ConnectionID, workspaceID: String, note: EventNote,
        _ changes: @escaping @Sendable (Connection) -> Result<ConnectionChanges, Rejection>
    ) async throws(StoreError) -> Result<Connection, Rejection> {
        try await write { [publisher] transaction in
            guard var record = try transaction.connection(id, workspaceID: workspaceID) else {
                throw StoreError.notFound
            }
            switch changes(record) {
            case .failure(let rejection): return .failure(rejection)
            case .success(let changes):
                try transaction.apply(changes, to: &record, note, publisher)
                return .success(record)
            }
        }
    }

    package func delete(
        _ id: ConnectionID, workspaceID: String, reach: RevocationReach?, takesLease: Bool,
        note: EventNote
    ) async throws(StoreError) -> Deletion {
        try await write { [publisher] transaction in
            if let reach { try transaction.lockDeletions(by: reach.client) }
            let record: SealedRecord
            do {
                guard let found = try transaction.sealedConnection(id, workspaceID: workspaceID) else {
                    return .notFound
                }
                record = found
            } catch StoreError.unreadable(let fault) {
                try transaction.delete(id)
                try transaction.note(.deleted, of: id, workspaceID: workspaceID, note, nil, publisher)
                return .deleted(.unreadable(fault), sharers: [])
            }
            if !takesLease, let remaining = record.credentials.leaseRemaining(at: try transaction.now()) {
                return .leased(remaining: remaining)
            }
            let sharers = try transaction.sharers(of: record.connection, within: reach, limit: mostSharers)
            try transaction.delete(id)
            try transaction.note(
                .deleted, of: id, workspaceID: workspaceID, note, record.connection, publisher)
            return .deleted(.whole(record.sealedConnection), sharers: sharers)
        }
    }

    package func sharers(of grant: GrantOwner) async throws(StoreError) -> [GrantSharer] {
        try await read { try $0.sharers(of: grant, limit: mostSharers) }
    }
}

extension StoreTransaction {
    /// Changes a row that this transaction has locked.
    fileprivate func apply(
        _ changes: ConnectionChanges, to record: inout Connection, _ note: EventNote,
        _ publisher: WebhookPublisher
    ) throws {
        record.apply(changes, now: try now())
        try update(record)
        try self.note(
            changes.eventKind, of: record.id, workspaceID: record.workspaceID, changes.eventNote(note),
            record, publisher)
    }
}

private let mostSharers = 100
private let sharerPageSize = 100

extension StoreTransaction {
    /// A page of the rows that can be read. Those that cannot are passed over, as long as they are few.
    fileprivate func page(
        matching query: ConnectionQuery, after cursor: ConnectionCursor?
    ) throws -> ConnectionPage {
        // One more than asked for says whether there is a next page.
        let (more, overflow) = query.limit.addingReportingOverflow(1)
        let wanted = overflow ? Int.max : more
        var found: [Connection] = []
        var unreadable: [UnreadableConnection] = []
        var position = cursor.map {
            RowPosition(createdAt: $0.createdAt.millisecondsSinceEpoch, id: $0.id.description)
        }
        for round in 0..<mostRounds where found.count < wanted {
            let limit = wanted - found.count
            let rows = try connections(
                matching: query, after: position, skip: round == 0 ? query.skip : 0, limit: limit)
            for row in rows {
                switch row.record {
                case .success(let record): found.append(record)
                case .failure(let row): unreadable.append(row)
                }
            }
            guard rows.count == limit, let last = rows.last?.position, last.createdAt != nil else { break }
            position = last
        }
        let page = found.prefix(query.limit)
        return ConnectionPage(
            connections: Array(page), unreadable: unreadable,
            nextCursor: found.count > page.count ? page.last?.cursor.text : nil)
    }

    private var mostRounds: Int { 16 }
}

extension StoreTransaction {
    /// The other connections that live by a connection's grant, `limit` at most; none without a reach.
    func sharers(
        of connection: Connection, within reach: RevocationReach?, limit: Int
    ) throws -> [GrantSharer] {
        guard let reach else { return [] }
        return try sharers(
            of: GrantOwner(
                reach: reach, accountID: connection.account?.id, userID: connection.userID,
                integrationID: connection.integrationID, config: connection.config, except: connection.id),
            limit: limit)
    }

    /// The connections that live by a grant, `limit` at most.
    func sharers(of grant: GrantOwner, limit: Int) throws -> [GrantSharer] {
        var found: [GrantSharer] = []
        var position: [UInt8]?
        while found.count < limit {
            let rows = try sharerRows(of: grant, after: position, limit: sharerPageSize).map { SharerRow($0) }
            found += rows.filter(grant.mayShareTenant).map(\.sharer)
            guard rows.count == sharerPageSize, let last = rows.last?.position else { break }
            position = last
        }
        return Array(found.prefix(limit))
    }
}
