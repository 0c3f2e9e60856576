package import Connections
import FoundationEssentials
import GRDB
package import StateTokens

/// One immediate transaction, or one snapshot, at one moment.
package struct SQLiteTransaction: StoreTransaction {
    let database: Database
    private let moment: DatabaseTime

    init(_ database: Database, at moment: DatabaseTime) {
        self.database = database
        self.moment = moment
    }

    package func now() -> DatabaseTime { moment }

    package func ping() throws {
        _ = try Row.fetchOne(database, sql: "SELECT 1 FROM claims LIMIT 1")
    }
}

// MARK: Claims

extension SQLiteTransaction {
    package func claim(of flow: FlowID) throws -> Claim? { try ClaimRow.find(flow, in: database) }

    /// Nobody else writes meanwhile.
    package func insert(_ claim: Claim, of flow: FlowID) throws -> Bool {
        try ClaimRow(claim, flow: flow).insert(database)
        return true
    }

    package func update(_ claim: Claim, of flow: FlowID) throws {
        try ClaimRow(claim, flow: flow).update(database)
    }

    package func deleteClaims(keptUntil end: DatabaseTime, limit: Int) throws -> Int {
        try database.execute(
            sql: """
                DELETE FROM claims WHERE flow_id IN (
                    SELECT flow_id FROM claims WHERE kept_until_ms <= ? ORDER BY kept_until_ms LIMIT ?)
                """,
            arguments: [end.millisecondsSinceEpoch, limit])
        return database.changesCount
    }
}

// MARK: Connections

extension SQLiteTransaction {
    package func connection(_ id: ConnectionID, workspaceID: String) throws -> ConnectionRecord? {
        typealias Column = ConnectionRow.CodingKeys
        return
            try ConnectionRow
            .filter(Column.id == id.description && Column.workspaceID == workspaceID)
            .fetchOne(database)?.record()
    }

    package func sealedConnection(_ id: ConnectionID, workspaceID: String) throws -> SealedRecord? {
        guard let connection = try connection(id, workspaceID: workspaceID) else { return nil }
        // Every connection has credentials, from the transaction that made it to the one that deletes it.
        guard let row = try CredentialsRow.fetchOne(database, key: id.description) else {
            throw StoreError.corrupt(reason: "a connection without credentials")
        }
        return SealedRecord(connection: connection, credentials: try row.record())
    }

    package func connections(
        matching query: ConnectionQuery, after cursor: ConnectionCursor?, limit: Int
    ) throws -> [ConnectionRecord] {
        typealias Column = ConnectionRow.CodingKeys
        var request = ConnectionRow.filter(Column.workspaceID == query.workspaceID)
        if let integrationID = query.integrationID {
            request = request.filter(Column.integrationID == integrationID)
        }
        if let status = query.status { request = request.filter(Column.status == status.rawValue) }
        if let userID = query.userID { request = request.filter(Column.userID == userID) }
        if let cursor {
            request = request.filter(
                sql: "(created_at_ms, id) < (?, ?)",
                arguments: [cursor.createdAt.millisecondsSinceEpoch, cursor.id.description])
        }
        return try request.order(Column.createdAt.desc, Column.id.desc).limit(limit).fetchAll(database)
            .map { try $0.record() }
    }

    package func insert(_ record: SealedRecord) throws -> Bool {
        let connection = record.connection
        guard try !ConnectionRow.exists(database, key: connection.id.description) else { return false }
        try ConnectionRow(connection).insert(database)
        try CredentialsRow(record.credentials).insert(database)
        return true
    }

    package func update(_ connection: ConnectionRecord) throws {
        try ConnectionRow(connection).update(database)
    }

    package func update(_ credentials: CredentialsRecord) throws {
        try CredentialsRow(credentials).update(database)
    }

    package func delete(_ connection: ConnectionRecord) throws {
        try ConnectionRow(connection).delete(database)
    }
}

// MARK: Keys

extension SQLiteTransaction {
    package func keyIDsInUse() throws -> Set<KeyID> {
        let rawValues = try UInt32.fetchAll(database, sql: "SELECT DISTINCT key_id FROM credentials")
        return Set(rawValues.map { KeyID(rawValue: $0) })
    }

    package func sealedConnections(
        notUnder keyIDs: Set<KeyID>, after: ConnectionID?, limit: Int
    ) throws -> [SealedRecord] {
        typealias Column = CredentialsRow.CodingKeys
        let rows =
            try CredentialsRow
            .filter(!keyIDs.map(\.rawValue).contains(Column.keyID))
            .filter(Column.connectionID > (after?.description ?? ""))
            .order(Column.connectionID).limit(limit).fetchAll(database)
        return try rows.map { row in
            guard let connection = try ConnectionRow.fetchOne(database, key: row.connectionID) else {
                throw StoreError.corrupt(reason: "credentials without a connection")
            }
            return SealedRecord(connection: try connection.record(), credentials: try row.record())
        }
    }
}
