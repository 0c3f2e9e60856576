extension TransactionalStore {
    package func connection(
        _ id: ConnectionID, workspaceID: String
    ) async throws(StoreError) -> Connection? {
        try await read { try $0.connection(id, workspaceID: workspaceID)?.connection }
    }

    package func connections(matching query: ConnectionQuery) async throws(StoreError) -> ConnectionPage {
        var after: ConnectionCursor?
        if let cursor = query.cursor { after = try ConnectionCursor(cursor) }
        return try await read { [after] transaction in
            // One more than asked for says whether there is a next page.
            let (more, overflow) = query.limit.addingReportingOverflow(1)
            let rows = try transaction.connections(
                matching: query, after: after, limit: overflow ? .max : more)
            let page = rows.prefix(query.limit)
            return ConnectionPage(
                connections: page.map(\.connection),
                nextCursor: rows.count > page.count ? page.last?.cursor.text : nil)
        }
    }

    package func credentials(
        of id: ConnectionID, workspaceID: String
    ) async throws(StoreError) -> SealedConnection? {
        try await read { try $0.sealedConnection(id, workspaceID: workspaceID)?.sealedConnection }
    }

    package func update(
        _ id: ConnectionID, workspaceID: String, ifRevision: Int64, _ changes: ConnectionChanges
    ) async throws(StoreError) -> Connection {
        try await write { transaction in
            guard var record = try transaction.connection(id, workspaceID: workspaceID) else {
                throw StoreError.notFound
            }
            guard record.revision == ifRevision else { throw StoreError.revisionConflict }
            record.apply(changes, now: try transaction.now())
            try transaction.update(record)
            return record.connection
        }
    }

    package func delete(
        _ id: ConnectionID, workspaceID: String
    ) async throws(StoreError) -> SealedConnection? {
        try await write { transaction in
            guard let record = try transaction.sealedConnection(id, workspaceID: workspaceID) else {
                return nil
            }
            try transaction.delete(record.connection)
            return record.sealedConnection
        }
    }
}
