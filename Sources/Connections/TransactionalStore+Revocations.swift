extension TransactionalStore {
    package func beginRevocation(_ revocation: NewRevocation) async throws(StoreError) -> Revocation {
        guard revocation.filter.isStorable else { throw .corrupt(reason: "a NUL character in a filter") }
        return try await writeLong { transaction in
            if let found = try transaction.revocation(revocation.id) {
                return try found.existing(asked: revocation)
            }
            let now = try transaction.now()
            // Before anything is marked: of two requests with one key the later one waits here for the first.
            guard
                try transaction.insert(
                    revocationRow: revocation.values(matchedCount: 0, at: now))
            else {
                guard let found = try transaction.revocation(revocation.id) else {
                    throw StoreError.alreadyExists
                }
                return try found.existing(asked: revocation)
            }
            let count =
                try revocation.isDryRun
                ? transaction.count(matching: revocation.filter)
                : transaction.mark(
                    matching: revocation.filter, for: revocation.id, actor: revocation.actor,
                    reason: "Its grant is being revoked.", at: now)
            try transaction.setMatched(count, of: revocation.id)
            guard let made = try transaction.revocation(revocation.id) else { throw StoreError.notFound }
            return made
        }
    }

    package func revocation(_ id: RevocationID) async throws(StoreError) -> Revocation? {
        try await read { try $0.revocation(id) }
    }

    package func takeRevocations(
        of id: RevocationID?, limit: Int, lease: Duration
    ) async throws(StoreError) -> [RevocationTask] {
        // Usually there is nothing to do, and looking takes no lock.
        let isIdle = try await read { transaction in
            try transaction.dueGrants(of: id, by: try transaction.now(), limit: 1).isEmpty
        }
        guard !isIdle else { return [] }
        return try await write { transaction in
            let now = try transaction.now()
            var taken: [RevocationTask] = []
            for values in try transaction.dueGrants(of: id, by: now, limit: limit) {
                let grant = try StoreError.translate { () throws(RowFault) in
                    var reader = ColumnReader(RevocationTask.columns, values)
                    return try RevocationTask(&reader, now: now)
                }
                try transaction.setDue(of: grant, at: now + lease, attemptCount: grant.attemptCount)
                taken.append(grant)
            }
            return taken
        }
    }

    package func grantToRevoke(
        _ grant: RevocationTask, reach: RevocationReach?
    ) async throws(StoreError) -> RevocationTarget {
        guard let id = ConnectionID(grant.connectionID) else {
            return .unreadable(RowFault("id", .malformed))
        }
        return try await write { transaction in
            // A deletion at the same time counts this connection as one that lives by the grant, or sees what is done here.
            if let reach { try transaction.lockDeletions(by: reach.client) }
            let record: SealedRecord
            do {
                guard let found = try transaction.sealedConnection(id, workspaceID: grant.workspaceID) else {
                    return .notFound
                }
                record = found
            } catch StoreError.unreadable(let fault) {
                return .unreadable(fault)
            }
            if let remaining = record.credentials.leaseRemaining(at: try transaction.now()) {
                return .leased(remaining: remaining)
            }
            let sharers = try transaction.sharers(of: record.connection, within: reach, limit: 1)
            return .ready(record.sealedConnection, sharers: sharers)
        }
    }

    package func postpone(
        _ grant: RevocationTask, by delay: Duration, countsAttempt: Bool
    ) async throws(StoreError) {
        try await write { transaction in
            try transaction.setDue(
                of: grant, at: try transaction.now() + delay,
                attemptCount: grant.attemptCount + (countsAttempt ? 1 : 0))
        }
    }

    package func conclude(
        _ grant: RevocationTask, as outcome: RevocationOutcome, reason: String?
    ) async throws(StoreError) -> Bool {
        try await write { [publisher] transaction in
            let now = try transaction.now()
            guard try transaction.conclude(grant, as: outcome, reason: reason, at: now) else { return false }
            guard let id = ConnectionID(grant.connectionID) else { return true }
            var concluded: Connection?
            do {
                guard var connection = try transaction.connection(id, workspaceID: grant.workspaceID) else {
                    return true
                }
                connection.apply(
                    ConnectionChanges(status: .init(.inactive, reason: outcome.statusReason)), now: now)
                try transaction.update(connection)
                concluded = connection
            } catch StoreError.unreadable {
                // It gives no token either way, and its events say what was done.
            }
            try transaction.note(
                outcome == .revoked ? .revoked : .updated, of: id, workspaceID: grant.workspaceID,
                EventNote(
                    detail: ["revocation \(outcome.rawValue)", reason].compactMap { $0 }.joined(
                        separator: ": "),
                    actor: grant.actor), concluded, publisher)
            return true
        }
    }

    package func grants(
        of id: RevocationID, that progress: GrantProgress?, after connectionID: String?, limit: Int
    ) async throws(StoreError) -> [RevocationEntry] {
        try await read { transaction in
            try transaction.grants(of: id, that: progress, after: connectionID, limit: limit).map { values in
                try StoreError.translate { () throws(RowFault) in
                    var reader = ColumnReader(RevocationEntry.columns, values)
                    return try RevocationEntry(&reader)
                }
            }
        }
    }
}

extension StoreTransaction {
    fileprivate func revocation(_ id: RevocationID) throws -> Revocation? {
        guard let values = try revocationRow(id) else { return nil }
        let outcomes = try outcomes(of: id).map { values in
            var reader = ColumnReader(outcomeColumns, values)
            return try StoreError.translate { () throws(RowFault) in
                (
                    outcome: try reader.optionalText(),
                    count: Int(clamping: try reader.integer(in: 0 ... .max)),
                    last: try reader.optionalInteger(in: Connection.moments).map {
                        DatabaseTime(millisecondsSinceEpoch: $0)
                    }
                )
            }
        }
        return try StoreError.translate { () throws(RowFault) in
            var reader = ColumnReader(Revocation.columns, values)
            return try Revocation(&reader, outcomes: outcomes)
        }
    }
}

private let outcomeColumns = [
    StoredColumn("outcome", .text), StoredColumn("count", .integer), StoredColumn("last", .integer),
]

extension Revocation {
    /// This one, if it is what was asked for.
    fileprivate func existing(asked: NewRevocation) throws(StoreError) -> Revocation {
        guard filter == asked.filter, isDryRun == asked.isDryRun else { throw .alreadyExists }
        return self
    }
}
