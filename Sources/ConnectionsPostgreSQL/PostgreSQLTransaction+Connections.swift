#if PostgreSQL
package import Connections
package import StateTokens

extension PostgreSQLTransaction {
    private static let connectionColumns = Connection.columns.qualified(by: "connections")
    private static let sealedColumns =
        connectionColumns + ", " + CredentialsRecord.columns.qualified(by: "credentials")

    private static let insertNewConnection = """
        INSERT INTO connections (\(Connection.columns.names)) VALUES (\(Connection.columns.placeholders))
        """
    private static let insertConnection = "\(insertNewConnection) ON CONFLICT DO NOTHING"
    private static let updateConnection =
        "UPDATE connections SET \(Connection.columns.assignments) WHERE id = $1"
    private static let insertCredentials = """
        INSERT INTO credentials (\(CredentialsRecord.columns.names))
        VALUES (\(CredentialsRecord.columns.placeholders))
        """
    private static let updateCredentials = """
        UPDATE credentials SET \(CredentialsRecord.columns.assignments) WHERE connection_id = $1
        """

    /// Those that a new connection would be a second one of.
    static let matching = """
        SELECT \(connectionColumns) FROM connections
        WHERE integration_id = $1 AND account_id = $2 AND user_id IS NOT DISTINCT FROM $3::text
            AND workspace_id = $4 AND client = $5
        ORDER BY created_at_ms DESC, id DESC LIMIT $6
        """

    /// A read alone; `$1` is the id, `$2` the workspace's.
    static let sealedConnection = """
        SELECT \(sealedColumns) FROM connections LEFT JOIN credentials ON connection_id = id
        WHERE id = $1 AND workspace_id = $2
        """

    package func connection(_ id: ConnectionID, workspaceID: String) throws -> Connection? {
        guard workspaceID.isStorable else { return nil }
        let result = try executeLocking(
            """
            SELECT \(Self.connectionColumns) FROM connections
            WHERE id = $1 AND workspace_id = $2\(isWriting ? " FOR UPDATE" : "")
            """, [.text(id.description), .text(workspaceID)])
        return try result.values.first.map { values in
            var reader = ColumnReader(Connection.columns, values)
            return try StoreError.translate { () throws(RowFault) in try Connection(&reader) }
        }
    }

    /// Every connection has credentials, from the transaction that made it to the one that deletes it.
    package func sealedConnection(_ id: ConnectionID, workspaceID: String) throws -> SealedRecord? {
        guard workspaceID.isStorable else { return nil }
        let result = try executeLocking(
            """
            SELECT \(Self.sealedColumns)
            FROM connections \(isWriting ? "" : "LEFT ")JOIN credentials ON connection_id = id
            WHERE id = $1 AND workspace_id = $2\(isWriting ? " FOR UPDATE" : "")
            """, [.text(id.description), .text(workspaceID)])
        guard let values = result.values.first else {
            // Only whole rows can be locked by a join: a connection without credentials shows here.
            guard isWriting, try connection(id, workspaceID: workspaceID) != nil else { return nil }
            throw StoreError.unreadable(RowFault("sealed", .missing))
        }
        var reader = ColumnReader(SealedRecord.columns, values)
        return try StoreError.translate { () throws(RowFault) in try SealedRecord(&reader) }
    }

    package func connections(
        matching query: ConnectionQuery, after position: RowPosition?, skip: Int, limit: Int
    ) throws -> [ListedRow<Connection>] {
        guard query.isStorable else { return [] }
        let statement = ListStatement(query, after: position, skip: skip, limit: limit, in: .postgreSQL)
        let result = try execute(
            "SELECT \(Self.connectionColumns) \(statement.sql)",
            statement.values.map { Parameter($0) })
        return result.values.map { values in
            ListedRow(Connection.columns, values) { row throws(RowFault) in try Connection(&row) }
        }
    }

    /// Rows locked one after another would have two deletions wait for each other, until the server ends one.
    package func lockDeletions(by client: ClientFingerprint) throws {
        let key = client.octets.prefix(8).reduce(Int64(0)) { $0 << 8 | Int64($1) }
        _ = try execute("SELECT pg_advisory_xact_lock($1)::text", [.integer(key)])
    }

    package func sharerRows(
        of grant: GrantOwner, after id: [UInt8]?, limit: Int
    ) throws -> [[StoredValue]] {
        guard grant.isStorable else { return [] }
        let integrations = grant.reach.integrationIDs.sorted()
        let list = integrations.indices.map { "$\($0 + 7)" }.joined(separator: ", ")
        return try execute(
            """
            SELECT id, workspace_id, integration_id, config::text FROM connections
            WHERE integration_id IN (\(list)) AND (client IS NULL OR client = $1)
                AND ($2::text IS NULL OR id <> $2)
                AND (account_id = $3 OR (account_id IS NULL OR $3::text IS NULL)
                    AND (user_id = $4 OR user_id IS NULL OR $4::text IS NULL))
                AND NOT (status = 'inactive' AND EXISTS (
                    SELECT 1 FROM revocation_grants WHERE connection_id = connections.id))
                AND ($6::text IS NULL OR id > $6)
            ORDER BY id LIMIT $5
            """,
            [
                .octets(grant.reach.client.octets), .optional(grant.except?.description),
                .optional(grant.accountID), .optional(grant.userID), .integer(Int64(limit)),
                .optional(id.map { String(decoding: $0, as: UTF8.self) }),
            ] + integrations.map { .text($0) }
        ).values
    }

    package func insert(_ record: SealedRecord) throws -> Bool {
        if isGrouped {
            // An id that is taken fails the group, and each is written alone then.
            try enqueue(Self.insertNewConnection, try record.connection.values().map { Parameter($0) })
            try enqueue(Self.insertCredentials, record.credentials.values.map { Parameter($0) })
            return true
        }
        let result = try execute(
            Self.insertConnection, try record.connection.values().map { Parameter($0) })
        guard result.changedCount == 1 else { return false }
        try enqueue(
            Self.insertCredentials, record.credentials.values.map { Parameter($0) })
        return true
    }

    package func insert(_ records: [SealedRecord]) throws -> [Bool] {
        let results = try executeAll(
            records.map { record in
                Command(Self.insertConnection, try record.connection.values().map { Parameter($0) })
            })
        let inserted = results.map { $0.changedCount == 1 }
        for (record, isInserted) in zip(records, inserted) where isInserted {
            try enqueue(Self.insertCredentials, record.credentials.values.map { Parameter($0) })
        }
        return inserted
    }

    package func update(_ connection: Connection) throws {
        try enqueue(
            Self.updateConnection, try connection.values().map { Parameter($0) })
    }

    package func update(_ credentials: CredentialsRecord) throws {
        try enqueue(
            Self.updateCredentials, credentials.values.map { Parameter($0) })
    }

    package func delete(_ id: ConnectionID) throws {
        _ = try execute("DELETE FROM connections WHERE id = $1", [.text(id.description)])
    }
}

// MARK: Sweep

extension PostgreSQLTransaction {
    /// Passes by what another replica is taking.
    static let due = """
        SELECT \(connectionColumns) FROM connections
        WHERE sweep_at_ms <= $1 ORDER BY sweep_at_ms LIMIT $2 FOR UPDATE SKIP LOCKED
        """

    package func due(by end: DatabaseTime, limit: Int) throws -> [ListedRow<Connection>] {
        try execute(
            Self.due, [.integer(end.millisecondsSinceEpoch), .integer(Int64(limit))]
        ).values.map { values in
            ListedRow(Connection.columns, values) { row throws(RowFault) in try Connection(&row) }
        }
    }

    package func setSweep(of id: String, to next: DatabaseTime?, replacing old: DatabaseTime?) throws {
        let condition = old == nil ? "" : " AND sweep_at_ms = $3"
        _ = try execute(
            "UPDATE connections SET sweep_at_ms = $2 WHERE id = $1\(condition)",
            [.text(id), .optional(next?.millisecondsSinceEpoch)]
                + (old.map { [.integer($0.millisecondsSinceEpoch)] } ?? []))
    }

    package func noteTokenRead(
        of id: ConnectionID, at now: DatabaseTime, sweepBy next: DatabaseTime?
    ) throws {
        _ = try execute(
            """
            UPDATE connections SET token_read_at_ms = $2,
                sweep_at_ms = CASE WHEN $3::bigint < coalesce(sweep_at_ms, $3 + 1) THEN $3 ELSE sweep_at_ms END
            WHERE id = $1
            """,
            [
                .text(id.description), .integer(now.millisecondsSinceEpoch),
                .optional(next?.millisecondsSinceEpoch),
            ])
    }

    package func countDue(by end: DatabaseTime, limit: Int) throws -> (count: Int, earliest: DatabaseTime?) {
        let result = try execute(
            """
            SELECT count(*), min(sweep_at_ms) FROM (
                SELECT sweep_at_ms FROM connections WHERE sweep_at_ms <= $1 ORDER BY sweep_at_ms LIMIT $2) AS due
            """, [.integer(end.millisecondsSinceEpoch), .integer(Int64(limit))])
        return StoredValue.countAndEarliest(result.values.first)
    }
}

// MARK: Events

extension PostgreSQLTransaction {
    private static let selectEvents = """
        SELECT \(ConnectionEvent.columns.qualified(by: "connection_events")) FROM connection_events
        WHERE connection_id = $1 AND workspace_id = $2 ORDER BY number DESC LIMIT $3
        """
    private static let insertEvent = """
        INSERT INTO connection_events (\(ConnectionEvent.columns.names))
        SELECT $1::text, coalesce(max(number), 0) + 1, $3::text, $4::text, $5::bigint, $6::text, $7::text
        FROM connection_events WHERE connection_id = $1::text AND number < $2::bigint
        """
    private static let deleteEvents = """
        DELETE FROM connection_events WHERE connection_id = $1 AND number <= (
            SELECT max(number) FROM connection_events WHERE connection_id = $1 AND number < $2) - $3::bigint
        """

    package func events(of id: ConnectionID, workspaceID: String, limit: Int) throws -> [ConnectionEvent] {
        guard workspaceID.isStorable else { return [] }
        return try execute(
            Self.selectEvents, [.text(id.description), .text(workspaceID), .integer(Int64(limit))]
        ).values.compactMap { values in ConnectionEvent(readable: values) }
    }

    package func insertNext(_ event: ConnectionEvent, of id: ConnectionID, workspaceID: String) throws {
        var values = event.values(of: id, workspaceID: workspaceID)
        values[1] = .integer(ConnectionEvent.numberLimit)
        try enqueue(Self.insertEvent, values.map { Parameter($0) })
    }

    package func deleteEvents(of id: ConnectionID, butNewest count: Int) throws {
        try enqueue(
            Self.deleteEvents,
            [.text(id.description), .integer(ConnectionEvent.numberLimit), .integer(Int64(count))])
    }

    package func keepEvents(of id: ConnectionID, until end: DatabaseTime) throws {
        try enqueue(
            "UPDATE connection_events SET kept_until_ms = $2 WHERE connection_id = $1",
            [.text(id.description), .integer(end.millisecondsSinceEpoch)])
    }

    /// Passes by what another replica is deleting.
    package func deleteEvents(keptUntil end: DatabaseTime, limit: Int) throws -> Int {
        try execute(
            """
            DELETE FROM connection_events WHERE ctid = ANY (ARRAY(
                SELECT ctid FROM connection_events
                WHERE kept_until_ms <= $1 ORDER BY kept_until_ms LIMIT $2 FOR UPDATE SKIP LOCKED))
            """, [.integer(end.millisecondsSinceEpoch), .integer(Int64(limit))]
        ).changedCount
    }
}

// MARK: Statements

extension PostgreSQLTransaction {
    package func rows(_ sql: String, _ values: [StoredValue]) throws -> [[StoredValue]] {
        try execute(Self.numbered(sql), values.map { Parameter($0) }).values
    }

    package func write(_ sql: String, _ values: [StoredValue]) throws {
        try enqueue(Self.numbered(sql), values.map { Parameter($0) })
    }

    package func run(_ sql: String, _ values: [StoredValue]) throws -> Int {
        try execute(Self.numbered(sql), values.map { Parameter($0) }).changedCount
    }

    package func selection(_ columns: [StoredColumn], of table: String) -> String {
        columns.qualified(by: table)
    }

    package var locking: String { isWriting ? " FOR UPDATE" : "" }
    package var skippingLocked: String { isWriting ? " FOR UPDATE SKIP LOCKED" : "" }

    /// libpq writes `$1` where SQLite has `?1`; no statement of ours has the character elsewhere.
    private static func numbered(_ sql: String) -> String {
        String(decoding: sql.utf8.map { $0 == UInt8(ascii: "?") ? UInt8(ascii: "$") : $0 }, as: UTF8.self)
    }
}

// MARK: Keys

extension PostgreSQLTransaction {
    package func keysInUse() throws -> KeysInUse {
        let result = try execute("SELECT key_id, count(*) FROM credentials GROUP BY key_id")
        return KeysInUse(result.values.map { ($0.first, $0.last) })
    }

    package func sealedConnections(
        notUnder keyIDs: Set<KeyID>, after id: String?, limit: Int
    ) throws -> [ListedRow<SealedRecord>] {
        let result = try execute(
            """
            SELECT \(Self.sealedColumns)
            FROM connections LEFT JOIN credentials ON connection_id = id
            WHERE (key_id IS NULL OR key_id <> ALL (string_to_array($1, ',')::bigint[])) AND id > $2
            ORDER BY id LIMIT $3
            """,
            [
                .text(keyIDs.map { "\($0.rawValue)" }.joined(separator: ",")),
                .text(id ?? ""), .integer(Int64(limit)),
            ])
        return result.values.map { values in
            ListedRow(SealedRecord.columns, values) { row throws(RowFault) in try SealedRecord(&row) }
        }
    }
}
#endif
