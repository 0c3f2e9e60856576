#if PostgreSQL
package import Connections
package import StateTokens

extension PostgreSQLTransaction {
    private static var connectionColumns: String { ConnectionRecord.columns.qualified(by: "connections") }
    private static var sealedColumns: String {
        connectionColumns + ", " + CredentialsRecord.columns.qualified(by: "credentials")
    }

    package func connection(_ id: ConnectionID, workspaceID: String) throws -> ConnectionRecord? {
        let result = try execute(
            """
            SELECT \(Self.connectionColumns) FROM connections
            WHERE id = $1 AND workspace_id = $2\(isWriting ? " FOR UPDATE" : "")
            """, [.text(id.description), .text(workspaceID)])
        return try result.values.first.map { values in
            var reader = ColumnReader(ConnectionRecord.columns, values)
            return try StoreError.translate { () throws(RowFault) in try ConnectionRecord(&reader) }
        }
    }

    /// Every connection has credentials, from the transaction that made it to the one that deletes it.
    package func sealedConnection(_ id: ConnectionID, workspaceID: String) throws -> SealedRecord? {
        let result = try execute(
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
        matching query: ConnectionQuery, after position: RowPosition?, limit: Int
    ) throws -> [ListedRow<ConnectionRecord>] {
        let result = try execute(
            """
            SELECT \(Self.connectionColumns) FROM connections
            WHERE workspace_id = $1
                AND ($2::text IS NULL OR integration_id = $2) AND ($3::text IS NULL OR status = $3)
                AND ($4::text IS NULL OR user_id = $4)
                AND ($5::bigint IS NULL OR (created_at_ms, id) < ($5, $6::text))
            ORDER BY created_at_ms DESC, id DESC LIMIT $7
            """,
            [
                .text(query.workspaceID), .optional(query.integrationID), .optional(query.status?.rawValue),
                .optional(query.userID), .optional(position?.createdAt), .optional(position?.id),
                .integer(Int64(limit)),
            ])
        return result.values.map { values in
            ListedRow(ConnectionRecord.columns, values) { row throws(RowFault) in try ConnectionRecord(&row) }
        }
    }

    package func insert(_ record: SealedRecord) throws -> Bool {
        let columns = ConnectionRecord.columns
        let result = try execute(
            "INSERT INTO connections (\(columns.names)) VALUES (\(columns.placeholders)) ON CONFLICT DO NOTHING",
            try record.connection.values().map { Parameter($0) })
        guard result.changedCount == 1 else { return false }
        let credentials = CredentialsRecord.columns
        _ = try execute(
            "INSERT INTO credentials (\(credentials.names)) VALUES (\(credentials.placeholders))",
            record.credentials.values.map { Parameter($0) })
        return true
    }

    package func update(_ connection: ConnectionRecord) throws {
        _ = try execute(
            "UPDATE connections SET \(ConnectionRecord.columns.assignments) WHERE id = $1",
            try connection.values().map { Parameter($0) })
    }

    package func update(_ credentials: CredentialsRecord) throws {
        _ = try execute(
            "UPDATE credentials SET \(CredentialsRecord.columns.assignments) WHERE connection_id = $1",
            credentials.values.map { Parameter($0) })
    }

    package func delete(_ id: ConnectionID) throws {
        _ = try execute("DELETE FROM connections WHERE id = $1", [.text(id.description)])
    }
}

// MARK: Keys

extension PostgreSQLTransaction {
    package func keyIDsInUse() throws -> Set<KeyID> {
        let result = try execute("SELECT DISTINCT key_id FROM credentials")
        return Set(result.values.compactMap { $0.first?.keyID })
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
