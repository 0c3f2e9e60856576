/// What became of a deletion.
package enum Deletion: Sendable, Hashable {
    /// The workspace has no such connection.
    case notFound
    /// A refresh holds the connection, whose tokens may be others in a moment. Nothing was deleted.
    case leased(remaining: Duration)
    /// The row is gone; `sharers` live by the same grant, as the same transaction saw them.
    case deleted(DeletedConnection, sharers: [GrantSharer])
}

/// What a deletion took away.
package enum DeletedConnection: Sendable, Hashable {
    case whole(SealedConnection)
    /// Its row could not be read, so its grant cannot be revoked.
    case unreadable(RowFault)

    package var sealed: SealedConnection? {
        if case .whole(let sealed) = self { sealed } else { nil }
    }
}

extension ConnectionStore {
    /// Deletes a connection even if a refresh holds it, and without looking who shares its grant.
    /// - Returns: `nil` if the workspace has no such connection.
    package func delete(
        _ id: ConnectionID, workspaceID: String
    ) async throws(StoreError) -> DeletedConnection? {
        switch try await delete(id, workspaceID: workspaceID, reach: nil, takesLease: true) {
        case .deleted(let deleted, _): deleted
        case .notFound, .leased: nil
        }
    }
}
