#if PostgreSQL
package import Connections
package import StateTokens

extension PostgreSQLTransaction {
    package func connection(_ id: ConnectionID, workspaceID: String) throws -> ConnectionRecord? {
        let result = try execute(
            """
            SELECT \(ConnectionColumns.list) FROM connections
            WHERE id = $1 AND workspace_id = $2\(isWriting ? " FOR UPDATE" : "")
            """, [.text(id.description), .text(workspaceID)])
        return try result.rows.first.map { columns in
            var row = RowReader(columns)
            return try ConnectionColumns.record(&row)
        }
    }

    /// Every connection has credentials, from the transaction that made it to the one that deletes it.
    package func sealedConnection(_ id: ConnectionID, workspaceID: String) throws -> SealedRecord? {
        let result = try execute(
            """
            SELECT \(ConnectionColumns.qualifiedList), \(CredentialsColumns.qualifiedList)
            FROM connections \(isWriting ? "" : "LEFT ")JOIN credentials ON connection_id = id
            WHERE id = $1 AND workspace_id = $2\(isWriting ? " FOR UPDATE" : "")
            """, [.text(id.description), .text(workspaceID)])
        return try result.rows.first.map(SealedRecord.init(row:))
    }

    package func connections(
        matching query: ConnectionQuery, after cursor: ConnectionCursor?, limit: Int
    ) throws -> [ConnectionRecord] {
        let result = try execute(
            """
            SELECT \(ConnectionColumns.list) FROM connections
            WHERE workspace_id = $1
                AND ($2::text IS NULL OR integration_id = $2) AND ($3::text IS NULL OR status = $3)
                AND ($4::text IS NULL OR user_id = $4)
                AND ($5::bigint IS NULL OR (created_at_ms, id) < ($5, $6::text))
            ORDER BY created_at_ms DESC, id DESC LIMIT $7
            """,
            [
                .text(query.workspaceID), .optional(query.integrationID), .optional(query.status?.rawValue),
                .optional(query.userID), .optional(cursor?.createdAt.millisecondsSinceEpoch),
                .optional(cursor?.id.description), .integer(Int64(limit)),
            ])
        return try result.rows.map { columns in
            var row = RowReader(columns)
            return try ConnectionColumns.record(&row)
        }
    }

    package func insert(_ record: SealedRecord) throws -> Bool {
        let result = try execute(
            """
            INSERT INTO connections (\(ConnectionColumns.list)) VALUES (\(ConnectionColumns.placeholders))
            ON CONFLICT DO NOTHING
            """, try ConnectionColumns.parameters(of: record.connection))
        guard result.changedCount == 1 else { return false }
        _ = try execute(
            """
            INSERT INTO credentials (\(CredentialsColumns.list))
            VALUES (\(CredentialsColumns.placeholders))
            """,
            CredentialsColumns.parameters(of: record.credentials))
        return true
    }

    package func update(_ connection: ConnectionRecord) throws {
        _ = try execute(
            "UPDATE connections SET \(ConnectionColumns.assignments) WHERE id = $1",
            try ConnectionColumns.parameters(of: connection))
    }

    package func update(_ credentials: CredentialsRecord) throws {
        _ = try execute(
            "UPDATE credentials SET \(CredentialsColumns.assignments) WHERE connection_id = $1",
            CredentialsColumns.parameters(of: credentials))
    }

    package func delete(_ connection: ConnectionRecord) throws {
        _ = try execute("DELETE FROM connections WHERE id = $1", [.text(connection.id.description)])
    }
}

// MARK: Keys

extension PostgreSQLTransaction {
    package func keyIDsInUse() throws -> Set<KeyID> {
        let result = try execute("SELECT DISTINCT key_id FROM credentials")
        return Set(
            try result.rows.map { columns in
                var row = RowReader(columns)
                guard let rawValue = UInt32(exactly: try row.integer()) else {
                    throw StoreError.corrupt(reason: "credentials that make no sense")
                }
                return KeyID(rawValue: rawValue)
            })
    }

    package func sealedConnections(
        notUnder keyIDs: Set<KeyID>, after: ConnectionID?, limit: Int
    ) throws -> [SealedRecord] {
        let result = try execute(
            """
            SELECT \(ConnectionColumns.qualifiedList), \(CredentialsColumns.qualifiedList)
            FROM credentials JOIN connections ON id = connection_id
            WHERE key_id <> ALL (string_to_array($1, ',')::bigint[]) AND connection_id > $2
            ORDER BY connection_id LIMIT $3
            """,
            [
                .text(keyIDs.map { "\($0.rawValue)" }.joined(separator: ",")),
                .text(after?.description ?? ""), .integer(Int64(limit)),
            ])
        return try result.rows.map(SealedRecord.init(row:))
    }
}

extension SealedRecord {
    fileprivate init(row columns: [[UInt8]?]) throws(StoreError) {
        var row = RowReader(columns)
        self.init(
            connection: try ConnectionColumns.record(&row),
            credentials: try CredentialsColumns.record(&row))
    }
}
#endif
