package import Connections
import GRDB
package import StateTokens

extension SQLiteConnectionStore {
    package func claim(
        flow: FlowID, codeHash: CodeHash, owner: LeaseOwner, lease: Duration, keep: Duration
    ) async throws(StoreError) -> ClaimResult {
        try await write { database, now in
            guard var claim = try ClaimRow.find(flow, in: database) else {
                let claim = Claim(code: codeHash, owner: owner, until: now + lease, keptUntil: now + keep)
                try ClaimRow(claim, flow: flow).insert(database)
                return .claimed
            }
            let wasSettled = claim.settle(at: now)
            let result = claim.claim(
                code: codeHash, owner: owner, until: now + lease, keptUntil: now + keep, at: now)
            if wasSettled || result == .claimed { try ClaimRow(claim, flow: flow).update(database) }
            return result
        }
    }

    package func release(flow: FlowID, owner: LeaseOwner) async throws(StoreError) -> Bool {
        try await write { database, now in
            guard var claim = try ClaimRow.find(flow, in: database), claim.release(owner: owner, at: now)
            else {
                return false
            }
            try ClaimRow(claim, flow: flow).update(database)
            return true
        }
    }

    package func finish(
        flow: FlowID, owner: LeaseOwner, as ending: FlowEnding
    ) async throws(StoreError) -> Bool {
        try await write { database, now in
            guard var claim = try ClaimRow.find(flow, in: database) else { return false }
            switch claim.finish(owner: owner, as: ending.outcome, at: now) {
            case .refused:
                return false
            case .written:
                return true
            case .write:
                try ClaimRow(claim, flow: flow).update(database)
                try Self.write(ending, at: now, in: database)
                return true
            }
        }
    }

    package func progress(of flow: FlowID, codeHash: CodeHash) async throws(StoreError) -> FlowProgress {
        let (progress, hasLapsed) = try await read { database, now in
            guard let claim = try ClaimRow.find(flow, in: database) else { return (FlowProgress.free, false) }
            return (claim.progress(of: codeHash, at: now), claim.hasLapsed(at: now))
        }
        guard hasLapsed else { return progress }
        // What a poller gets to know has to be true for good.
        return try await write { database, now in
            guard var claim = try ClaimRow.find(flow, in: database) else { return .free }
            if claim.settle(at: now) { try ClaimRow(claim, flow: flow).update(database) }
            return claim.progress(of: codeHash, at: now)
        }
    }

    package func purgeClaims(limit: Int) async throws(StoreError) -> Int {
        try await write { database, now in
            try database.execute(
                sql: """
                    DELETE FROM claims WHERE flow_id IN (
                        SELECT flow_id FROM claims WHERE kept_until_ms <= ? ORDER BY kept_until_ms LIMIT ?)
                    """,
                arguments: [now.millisecondsSinceEpoch, max(limit, 0)])
            return database.changesCount
        }
    }

    private static func write(_ ending: FlowEnding, at now: DatabaseTime, in database: Database) throws {
        switch ending {
        case .created(let connection, let credentials):
            try insert(connection, credentials, at: now, in: database)
        case .renewed(let renewal, let credentials):
            try update(renewal, credentials, at: now, in: database)
        case .failed:
            break
        }
    }

    private static func insert(
        _ connection: NewConnection, _ credentials: SealedCredentials, at now: DatabaseTime,
        in database: Database
    ) throws {
        guard try !ConnectionRow.exists(database, key: connection.id.description) else {
            throw StoreError.alreadyExists
        }
        try ConnectionRow(connection, now: now).insert(database)
        try CredentialsRow(credentials, of: connection.id).insert(database)
    }

    private static func update(
        _ renewal: ConnectionRenewal, _ credentials: SealedCredentials, at now: DatabaseTime,
        in database: Database
    ) throws {
        guard var row = try ConnectionRow.find(renewal.id, workspaceID: renewal.workspaceID, in: database)
        else {
            throw StoreError.notFound
        }
        guard row.revision == renewal.ifRevision else { throw StoreError.revisionConflict }
        row.apply(renewal)
        row.advance(now: now, credentialsChange: true)
        try row.update(database)
        var credentialsRow = try CredentialsRow.find(renewal.id, in: database)
        credentialsRow.replace(with: credentials)
        try credentialsRow.update(database)
    }
}
