package import Connections
import FoundationEssentials
import GRDB
package import StateTokens

/// One immediate transaction, or one snapshot, at one moment.
package struct SQLiteTransaction: StoreTransaction {
    let database: Database
    private let moment: DatabaseTime
    private let file: DatabaseFile

    init(_ database: Database, at moment: DatabaseTime, of file: DatabaseFile) {
        self.database = database
        self.moment = moment
        self.file = file
    }

    package func now() -> DatabaseTime { moment }

    package func ping() throws {
        try file.requireInPlace()
        _ = try database.values("SELECT 1 FROM claims LIMIT 1")
    }
}

// MARK: Claims

extension SQLiteTransaction {
    package func claim(of flow: FlowID) throws -> Claim? { try ClaimRow.find(flow, in: database) }

    /// No other connection to the file writes meanwhile.
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
    private static let connectionColumns = Connection.columns.selected(from: "connections")
    private static let sealedColumns =
        connectionColumns + ", " + CredentialsRecord.columns.selected(from: "credentials")

    package func connection(_ id: ConnectionID, workspaceID: String) throws -> Connection? {
        guard workspaceID.isStorable else { return nil }
        let rows = try database.values(
            "SELECT \(Self.connectionColumns) FROM connections WHERE id = ? AND workspace_id = ?",
            [id.description.databaseValue, workspaceID.databaseValue])
        return try rows.first.map { values in
            var reader = ColumnReader(Connection.columns, values)
            return try StoreError.translate { () throws(RowFault) in try Connection(&reader) }
        }
    }

    /// Every connection has credentials, from the transaction that made it to the one that deletes it.
    package func sealedConnection(_ id: ConnectionID, workspaceID: String) throws -> SealedRecord? {
        guard workspaceID.isStorable else { return nil }
        let rows = try database.values(
            """
            SELECT \(Self.sealedColumns) FROM connections LEFT JOIN credentials ON connection_id = id
            WHERE id = ? AND workspace_id = ?
            """, [id.description.databaseValue, workspaceID.databaseValue])
        return try rows.first.map { values in
            var reader = ColumnReader(SealedRecord.columns, values)
            return try StoreError.translate { () throws(RowFault) in try SealedRecord(&reader) }
        }
    }

    package func connections(
        matching query: ConnectionQuery, after position: RowPosition?, skip: Int, limit: Int
    ) throws -> [ListedRow<Connection>] {
        guard query.isStorable else { return [] }
        let statement = ListStatement(query, after: position, skip: skip, limit: limit, in: .sqlite)
        return try database.values(
            "SELECT \(Self.connectionColumns) FROM connections \(statement.sql)",
            statement.values.map(\.databaseValue)
        ).map { values in
            ListedRow(Connection.columns, values) { row throws(RowFault) in try Connection(&row) }
        }
    }

    /// No other transaction writes meanwhile.
    package func lockDeletions(by client: ClientFingerprint) {}

    package func sharers(of grant: GrantOwner, limit: Int) throws -> [GrantSharer] {
        guard grant.isStorable else { return [] }
        let integrations = grant.reach.integrationIDs.sorted()
        let list = integrations.indices.map { "?\($0 + 6)" }.joined(separator: ", ")
        return try database.values(
            """
            SELECT CAST(id AS BLOB), CAST(workspace_id AS BLOB) FROM connections
            WHERE integration_id IN (\(list)) AND (client IS NULL OR client = ?1) AND id IS NOT ?2
                AND (account_id = ?3 OR (account_id IS NULL OR ?3 IS NULL)
                    AND (user_id = ?4 OR user_id IS NULL OR ?4 IS NULL))
            ORDER BY id LIMIT ?5
            """,
            [
                Data(grant.reach.client.octets).databaseValue, (grant.except?.description).databaseValue,
                grant.accountID.databaseValue, grant.userID.databaseValue, limit.databaseValue,
            ] + integrations.map(\.databaseValue)
        ).map { values in GrantSharer(values) }
    }

    package func insert(_ record: SealedRecord) throws -> Bool {
        let id = record.connection.id.description.databaseValue
        guard try database.values("SELECT 1 FROM connections WHERE id = ?", [id]).isEmpty else {
            return false
        }
        let columns = Connection.columns
        try database.write(
            "INSERT INTO connections (\(columns.names)) VALUES (\(columns.placeholders))",
            record.connection.values())
        let credentials = CredentialsRecord.columns
        try database.write(
            "INSERT INTO credentials (\(credentials.names)) VALUES (\(credentials.placeholders))",
            record.credentials.values)
        return true
    }

    package func update(_ connection: Connection) throws {
        try database.write(
            "UPDATE connections SET \(Connection.columns.assignments) WHERE id = ?1",
            connection.values())
    }

    package func update(_ credentials: CredentialsRecord) throws {
        try database.write(
            "UPDATE credentials SET \(CredentialsRecord.columns.assignments) WHERE connection_id = ?1",
            credentials.values)
    }

    package func delete(_ id: ConnectionID) throws {
        try database.write("DELETE FROM connections WHERE id = ?", [.text(id.description)])
    }
}

// MARK: Sweep

extension SQLiteTransaction {
    static let due = """
        SELECT \(connectionColumns) FROM connections WHERE sweep_at_ms <= ? ORDER BY sweep_at_ms LIMIT ?
        """

    package func due(by end: DatabaseTime, limit: Int) throws -> [ListedRow<Connection>] {
        try database.values(
            Self.due, [end.millisecondsSinceEpoch.databaseValue, limit.databaseValue]
        ).map { values in
            ListedRow(Connection.columns, values) { row throws(RowFault) in try Connection(&row) }
        }
    }

    package func setSweep(of id: String, to next: DatabaseTime?, replacing old: DatabaseTime?) throws {
        let condition = old == nil ? "" : " AND sweep_at_ms = ?3"
        try database.write(
            "UPDATE connections SET sweep_at_ms = ?2 WHERE id = ?1\(condition)",
            [.text(id), .optional(next?.millisecondsSinceEpoch)]
                + (old.map { [.integer($0.millisecondsSinceEpoch)] } ?? []))
    }

    package func noteTokenRead(
        of id: ConnectionID, at now: DatabaseTime, sweepBy next: DatabaseTime?
    ) throws {
        try database.write(
            """
            UPDATE connections SET token_read_at_ms = ?2,
                sweep_at_ms = CASE WHEN ?3 < coalesce(sweep_at_ms, ?3 + 1) THEN ?3 ELSE sweep_at_ms END
            WHERE id = ?1
            """,
            [
                .text(id.description), .integer(now.millisecondsSinceEpoch),
                .optional(next?.millisecondsSinceEpoch),
            ])
    }

    package func countDue(by end: DatabaseTime, limit: Int) throws -> (count: Int, earliest: DatabaseTime?) {
        let rows = try database.values(
            """
            SELECT count(*), min(sweep_at_ms) FROM (
                SELECT sweep_at_ms FROM connections WHERE sweep_at_ms <= ? ORDER BY sweep_at_ms LIMIT ?)
            """, [end.millisecondsSinceEpoch.databaseValue, limit.databaseValue])
        return StoredValue.countAndEarliest(rows.first)
    }
}

// MARK: Events

extension SQLiteTransaction {
    package func events(of id: ConnectionID, workspaceID: String, limit: Int) throws -> [ConnectionEvent] {
        guard workspaceID.isStorable else { return [] }
        return try database.values(
            """
            SELECT \(ConnectionEvent.columns.selected(from: "connection_events")) FROM connection_events
            WHERE connection_id = ? AND workspace_id = ? ORDER BY number DESC LIMIT ?
            """, [id.description.databaseValue, workspaceID.databaseValue, limit.databaseValue]
        ).compactMap { values in ConnectionEvent(readable: values) }
    }

    package func insert(_ event: ConnectionEvent, of id: ConnectionID, workspaceID: String) throws {
        let columns = ConnectionEvent.columns
        try database.write(
            "INSERT INTO connection_events (\(columns.names)) VALUES (\(columns.placeholders))",
            event.values(of: id, workspaceID: workspaceID))
    }

    package func deleteEvents(of id: ConnectionID, upTo number: Int64) throws {
        try database.write(
            "DELETE FROM connection_events WHERE connection_id = ? AND number <= ?",
            [.text(id.description), .integer(number)])
    }

    package func keepEvents(of id: ConnectionID, until end: DatabaseTime) throws {
        try database.write(
            "UPDATE connection_events SET kept_until_ms = ?2 WHERE connection_id = ?1",
            [.text(id.description), .integer(end.millisecondsSinceEpoch)])
    }

    package func deleteEvents(keptUntil end: DatabaseTime, limit: Int) throws -> Int {
        try database.execute(
            sql: """
                DELETE FROM connection_events WHERE (connection_id, number) IN (
                    SELECT connection_id, number FROM connection_events
                    WHERE kept_until_ms <= ? ORDER BY kept_until_ms LIMIT ?)
                """,
            arguments: [end.millisecondsSinceEpoch, limit])
        return database.changesCount
    }
}

// MARK: Keys

extension SQLiteTransaction {
    package func keysInUse() throws -> KeysInUse {
        let rows = try database.values("SELECT key_id, count(*) FROM credentials GROUP BY key_id")
        return KeysInUse(rows.map { ($0.first, $0.last) })
    }

    package func sealedConnections(
        notUnder keyIDs: Set<KeyID>, after id: String?, limit: Int
    ) throws -> [ListedRow<SealedRecord>] {
        let known = keyIDs.map { "\($0.rawValue)" }.joined(separator: ", ")
        return try database.values(
            """
            SELECT \(Self.sealedColumns) FROM connections LEFT JOIN credentials ON connection_id = id
            WHERE (key_id IS NULL OR key_id NOT IN (\(known))) AND id > ? ORDER BY id LIMIT ?
            """, [(id ?? "").databaseValue, limit.databaseValue]
        ).map { values in
            ListedRow(SealedRecord.columns, values) { row throws(RowFault) in try SealedRecord(&row) }
        }
    }
}
