package import Connections
import GRDB
package import StateTokens

extension SQLiteConnectionStore: ConnectionStore {
    package func connection(
        _ id: ConnectionID, workspaceID: String
    ) async throws(StoreError) -> Connection? {
        try await read { database, _ in
            try ConnectionRow.find(id, workspaceID: workspaceID, in: database)?.connection()
        }
    }

    package func connections(matching query: ConnectionQuery) async throws(StoreError) -> ConnectionPage {
        var after: ConnectionCursor?
        if let cursor = query.cursor { after = try ConnectionCursor(cursor) }
        return try await read { [after] database, _ in
            // One more than asked for says whether there is a next page.
            let (more, overflow) = query.limit.addingReportingOverflow(1)
            let rows = try Self.request(query, after: after).limit(overflow ? .max : more).fetchAll(database)
            let page = rows.prefix(query.limit)
            return ConnectionPage(
                connections: try page.map { try $0.connection() },
                nextCursor: rows.count > page.count ? try page.last?.cursor().text : nil)
        }
    }

    package func credentials(
        of id: ConnectionID, workspaceID: String
    ) async throws(StoreError) -> SealedConnection? {
        try await read { database, _ in
            guard let row = try ConnectionRow.find(id, workspaceID: workspaceID, in: database) else {
                return nil
            }
            return SealedConnection(
                connection: try row.connection(),
                credentials: try CredentialsRow.find(id, in: database).credentials)
        }
    }

    package func update(
        _ id: ConnectionID, workspaceID: String, ifRevision: Int64, _ changes: ConnectionChanges
    ) async throws(StoreError) -> Connection {
        try await write { database, now in
            guard var row = try ConnectionRow.find(id, workspaceID: workspaceID, in: database) else {
                throw StoreError.notFound
            }
            guard row.revision == ifRevision else { throw StoreError.revisionConflict }
            row.apply(changes)
            row.advance(now: now)
            try row.update(database)
            return try row.connection()
        }
    }

    package func delete(
        _ id: ConnectionID, workspaceID: String
    ) async throws(StoreError) -> SealedConnection? {
        try await write { database, _ in
            guard let row = try ConnectionRow.find(id, workspaceID: workspaceID, in: database) else {
                return nil
            }
            let deleted = SealedConnection(
                connection: try row.connection(),
                credentials: try CredentialsRow.find(id, in: database).credentials)
            // The credentials go with it.
            try row.delete(database)
            return deleted
        }
    }

    package func keyIDsInUse() async throws(StoreError) -> Set<KeyID> {
        try await read { database, _ in
            let rawValues = try UInt32.fetchAll(database, sql: "SELECT DISTINCT key_id FROM credentials")
            return Set(rawValues.map { KeyID(rawValue: $0) })
        }
    }

    package func ping() async throws(StoreError) {
        try await read { database, _ in
            _ = try Row.fetchOne(database, sql: "SELECT 1 FROM claims LIMIT 1")
        }
    }

    private static func request(
        _ query: ConnectionQuery, after cursor: ConnectionCursor?
    ) -> QueryInterfaceRequest<ConnectionRow> {
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
        return request.order(Column.createdAt.desc, Column.id.desc)
    }
}
