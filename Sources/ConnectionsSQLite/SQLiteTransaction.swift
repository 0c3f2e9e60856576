package import Connections
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
    private static let selectClaim = """
        SELECT \(Claim.columns.selected(from: "claims")) FROM claims WHERE flow_id = ?
        """
    /// For ``RowLookup``.
    static let anyClaim = "SELECT 1 FROM claims WHERE flow_id = ?1"
    private static let insertClaim = """
        INSERT INTO claims (\(Claim.columns.names)) VALUES (\(Claim.columns.placeholders))
        """
    private static let updateClaim = "UPDATE claims SET \(Claim.columns.assignments) WHERE flow_id = ?1"

    package func claim(of flow: FlowID) throws -> Claim? {
        try database.values(Self.selectClaim, [.octets(flow.octets)]).first.map { values in
            try Claim(stored: values)
        }
    }

    /// No other transaction writes meanwhile.
    package func claim(
        of flow: FlowID, lookingFor match: ConnectionMatch, limit: Int
    ) throws -> (claim: Claim?, rows: [ListedRow<Connection>]) {
        let rows = try database.values(
            Self.matching,
            [
                .text(match.integrationID), .text(match.accountID), .optional(match.userID),
                .text(match.workspaceID), .octets(match.client.octets),
                .integer(Int64(limit)),
            ]
        ).map { values in
            ListedRow(Connection.columns, values) { row throws(RowFault) in try Connection(&row) }
        }
        return (try claim(of: flow), rows)
    }

    /// No other connection to the file writes meanwhile.
    package func insert(_ claim: Claim, of flow: FlowID) throws -> Bool {
        try database.write(Self.insertClaim, claim.values(of: flow))
        return true
    }

    package func update(_ claim: Claim, of flow: FlowID) throws {
        try database.write(Self.updateClaim, claim.values(of: flow))
    }

    package func deleteClaims(keptUntil end: DatabaseTime, limit: Int) throws -> Int {
        try database.execute(
            sql: """
                DELETE FROM claims WHERE flow_id IN (
                    SELECT flow_id FROM claims
                    WHERE kept_until_ms <= ?1 AND (announce_at_ms IS NULL OR kept_until_ms <= ?1 - 86400000)
                    ORDER BY kept_until_ms LIMIT ?2)
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

    /// Sorted by what no index is in the order of, so that the account's index is used.
    static let matching = """
        SELECT \(connectionColumns) FROM connections
        WHERE integration_id = ?1 AND account_id = ?2 AND user_id IS ?3 AND workspace_id = ?4 AND client = ?5
        ORDER BY +created_at_ms DESC, id DESC LIMIT ?6
        """
    private static let selectConnection =
        "SELECT \(connectionColumns) FROM connections WHERE id = ? AND workspace_id = ?"
    private static let selectWithCredentials = """
        SELECT \(sealedColumns) FROM connections LEFT JOIN credentials ON connection_id = id
        WHERE id = ? AND workspace_id = ?
        """
    private static let insertConnection = """
        INSERT INTO connections (\(Connection.columns.names)) VALUES (\(Connection.columns.placeholders))
        """
    private static let storedConnection = "SELECT \(connectionColumns) FROM connections WHERE id = ?1"
    private static let insertCredentials = """
        INSERT INTO credentials (\(CredentialsRecord.columns.names))
        VALUES (\(CredentialsRecord.columns.placeholders))
        """
    private static let updateCredentials = """
        UPDATE credentials SET \(CredentialsRecord.columns.assignments) WHERE connection_id = ?1
        """

    /// For ``RowLookup``, which reads texts as octets by itself.
    static let sealedConnection = """
        SELECT \(SealedRecord.columns.names) FROM connections JOIN credentials ON connection_id = id
        WHERE id = ?1 AND workspace_id = ?2
        """

    package func connection(_ id: ConnectionID, workspaceID: String) throws -> Connection? {
        guard workspaceID.isStorable else { return nil }
        let rows = try database.values(
            Self.selectConnection, [.text(id.description), .text(workspaceID)])
        return try rows.first.map { values in
            var reader = ColumnReader(Connection.columns, values)
            return try StoreError.translate { () throws(RowFault) in try Connection(&reader) }
        }
    }

    /// Every connection has credentials, from the transaction that made it to the one that deletes it.
    package func sealedConnection(_ id: ConnectionID, workspaceID: String) throws -> SealedRecord? {
        guard workspaceID.isStorable else { return nil }
        let rows = try database.values(
            Self.selectWithCredentials, [.text(id.description), .text(workspaceID)])
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
            "SELECT \(Self.connectionColumns) \(statement.sql)",
            statement.values
        ).map { values in
            ListedRow(Connection.columns, values) { row throws(RowFault) in try Connection(&row) }
        }
    }

    /// No other transaction writes meanwhile.
    package func lockDeletions(by client: ClientFingerprint) {}

    package func sharerRows(
        of grant: GrantOwner, after id: [UInt8]?, limit: Int
    ) throws -> [[StoredValue]] {
        guard grant.isStorable else { return [] }
        let integrations = grant.reach.integrationIDs.sorted()
        let list = integrations.indices.map { "?\($0 + 7)" }.joined(separator: ", ")
        return try database.values(
            """
            SELECT CAST(id AS BLOB), CAST(workspace_id AS BLOB), CAST(integration_id AS BLOB),
                CAST(config AS BLOB)
            FROM connections
            WHERE integration_id IN (\(list)) AND (client IS NULL OR client = ?1) AND id IS NOT ?2
                AND (account_id = ?3 OR (account_id IS NULL OR ?3 IS NULL)
                    AND (user_id = ?4 OR user_id IS NULL OR ?4 IS NULL))
                AND NOT (status = 'inactive' AND EXISTS (
                    SELECT 1 FROM revocation_grants WHERE connection_id = connections.id))
                AND (?6 IS NULL OR id > CAST(?6 AS TEXT))
            ORDER BY id LIMIT ?5
            """,
            [
                .octets(grant.reach.client.octets), .optional(grant.except?.description),
                .optional(grant.accountID), .optional(grant.userID), .integer(Int64(limit)),
                .optional(id),
            ] + integrations.map { .text($0) })
    }

    package func insert(_ record: SealedRecord) throws -> Bool {
        let id = StoredValue.text(record.connection.id.description)
        guard try database.values("SELECT 1 FROM connections WHERE id = ?", [id]).isEmpty else {
            return false
        }
        try database.write(Self.insertConnection, record.connection.values())
        try database.write(Self.insertCredentials, record.credentials.values)
        return true
    }

    /// SQLite writes the entries of every index that has a column which is set, changed or not: a refresh sets no others
    /// than those that it changes.
    package func update(_ connection: Connection) throws {
        let values = try connection.values()
        guard let stored = try database.values(Self.storedConnection, [values[0]]).first else {
            return
        }
        let changed = Connection.columns.indices.filter { !stored[$0].isSame(as: values[$0]) }
        guard !changed.isEmpty else { return }
        let assignments = changed.enumerated().map { number, index in
            "\(Connection.columns[index].name) = ?\(number + 2)"
        }.joined(separator: ", ")
        try database.write(
            "UPDATE connections SET \(assignments) WHERE id = ?1", [values[0]] + changed.map { values[$0] })
    }

    package func update(_ credentials: CredentialsRecord) throws {
        try database.write(Self.updateCredentials, credentials.values)
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
            Self.due, [.integer(end.millisecondsSinceEpoch), .integer(Int64(limit))]
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
            """, [.integer(end.millisecondsSinceEpoch), .integer(Int64(limit))])
        return StoredValue.countAndEarliest(rows.first)
    }
}

// MARK: Events

extension SQLiteTransaction {
    private static let selectEvents = """
        SELECT \(ConnectionEvent.columns.selected(from: "connection_events")) FROM connection_events
        WHERE connection_id = ? AND workspace_id = ? ORDER BY number DESC LIMIT ?
        """
    private static let insertEvent = """
        INSERT INTO connection_events (\(ConnectionEvent.columns.names))
        SELECT ?1, coalesce(max(number), 0) + 1, ?3, ?4, ?5, ?6, ?7 FROM connection_events
        WHERE connection_id = ?1 AND number < ?2
        """
    private static let deleteEvents = """
        DELETE FROM connection_events WHERE connection_id = ?1 AND number <= (
            SELECT max(number) FROM connection_events WHERE connection_id = ?1 AND number < ?2) - ?3
        """

    package func events(of id: ConnectionID, workspaceID: String, limit: Int) throws -> [ConnectionEvent] {
        guard workspaceID.isStorable else { return [] }
        return try database.values(
            Self.selectEvents, [.text(id.description), .text(workspaceID), .integer(Int64(limit))]
        ).compactMap { values in ConnectionEvent(readable: values) }
    }

    package func insertNext(_ event: ConnectionEvent, of id: ConnectionID, workspaceID: String) throws {
        var values = event.values(of: id, workspaceID: workspaceID)
        values[1] = .integer(ConnectionEvent.numberLimit)
        try database.write(Self.insertEvent, values)
    }

    package func deleteEvents(of id: ConnectionID, butNewest count: Int) throws {
        try database.write(
            Self.deleteEvents,
            [.text(id.description), .integer(ConnectionEvent.numberLimit), .integer(Int64(count))])
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

// MARK: Statements

extension SQLiteTransaction {
    package func rows(_ sql: String, _ values: [StoredValue]) throws -> [[StoredValue]] {
        try database.values(sql, values)
    }

    package func write(_ sql: String, _ values: [StoredValue]) throws { try database.write(sql, values) }

    package func run(_ sql: String, _ values: [StoredValue]) throws -> Int {
        try database.write(sql, values)
        return database.changesCount
    }

    package func selection(_ columns: [StoredColumn], of table: String) -> String {
        columns.selected(from: table)
    }

    package var locking: String { "" }
    package var skippingLocked: String { "" }
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
            """, [.text(id ?? ""), .integer(Int64(limit))]
        ).map { values in
            ListedRow(SealedRecord.columns, values) { row throws(RowFault) in try SealedRecord(&row) }
        }
    }
}
