import StateTokens

/// A renewed grant has another end, and is announced again; an end that a provider tells in seconds from now may come out
/// a little later each time, and is the same one. A number below zero is the time, negated, before which an end that
/// refreshing moves is not announced.
///
/// - Parameter now: the parameter that has the time.
private func isNotAnnounced(at now: String) -> String {
    """
    (reauthorize_announced_s IS NULL
        OR reauthorize_announced_s < 0 AND -reauthorize_announced_s <= \(now)
        OR reauthorize_announced_s >= 0 AND abs(reauthorize_by_s - reauthorize_announced_s) > 3600)
    """
}

/// Goes from workspace to workspace, and in each by the index over workspace and end: ends are in no index alone.
package let reauthorizationsToAnnounce = """
    WITH RECURSIVE workspaces(id) AS (
        SELECT min(workspace_id) FROM connections WHERE reauthorize_by_s IS NOT NULL
        UNION ALL
        SELECT (SELECT min(workspace_id) FROM connections
                WHERE workspace_id > workspaces.id AND reauthorize_by_s IS NOT NULL)
        FROM workspaces WHERE workspaces.id IS NOT NULL)
    SELECT connections.id, connections.workspace_id FROM workspaces
    JOIN connections ON connections.workspace_id = workspaces.id
    WHERE reauthorize_by_s > ?1 AND reauthorize_by_s <= ?2 AND status IN ('active', 'error')
        AND \(isNotAnnounced(at: "?1"))
    ORDER BY connections.workspace_id, reauthorize_by_s LIMIT ?3
    """

extension TransactionalStore {
    package func announceReauthorizations(limit: Int) async throws(StoreError) -> Int {
        // Usually there is nothing to announce, and looking takes no lock.
        let due = try await read { transaction in
            let now = try transaction.now().timestamp
            let end = now + ConnectionEvent.reauthorizationNotice
            return try transaction.rows(
                reauthorizationsToAnnounce,
                [
                    .integer(now.secondsSinceEpoch), .integer(end.secondsSinceEpoch),
                    .integer(Int64(max(limit, 0))),
                ]
            ).compactMap { values -> (id: String, workspaceID: String)? in
                guard values.count == 2, let id = values[0].string, let workspaceID = values[1].string
                else { return nil }
                return (id, workspaceID)
            }
        }
        guard !due.isEmpty else { return 0 }
        return try await write { [publisher] transaction in
            var count = 0
            for row in due {
                if try transaction.announceReauthorization(row.id, row.workspaceID, publisher) {
                    count += 1
                }
            }
            return count
        }
    }
}

extension StoreTransaction {
    /// Notes how a grant's end, which is new, is to be announced.
    ///
    /// - Parameter moves: whether refreshing moves it. Then it is announced when four fifths of the time are over, by
    ///   when the sweep would have moved it.
    func noteEnd(of connection: Connection, moves: Bool) throws {
        guard moves else {
            try write(
                "UPDATE connections SET reauthorize_announced_s = NULL WHERE id = ?1 AND reauthorize_announced_s < 0",
                [.text(connection.id.description)])
            return
        }
        guard let end = connection.reauthorizeBy else { return }
        let now = try self.now().timestamp
        let due = now.secondsSinceEpoch + max(0, end.seconds(since: now)) / 5 * 4
        try write(
            "UPDATE connections SET reauthorize_announced_s = ?2 WHERE id = ?1",
            [.text(connection.id.description), .integer(-due)])
    }

    /// - Returns: `false` if another replica was faster, or the row cannot be read.
    fileprivate func announceReauthorization(
        _ id: String, _ workspaceID: String, _ publisher: WebhookPublisher
    ) throws -> Bool {
        let isFirst =
            try run(
                """
                UPDATE connections SET reauthorize_announced_s = reauthorize_by_s
                WHERE id = ?1 AND workspace_id = ?2 AND \(isNotAnnounced(at: "?3"))
                """,
                [.text(id), .text(workspaceID), .integer(try now().timestamp.secondsSinceEpoch)]) == 1
        guard isFirst, let connectionID = ConnectionID(id) else { return false }
        do {
            guard let connection = try self.connection(connectionID, workspaceID: workspaceID) else {
                return false
            }
            try note(
                .reauthorizeSoon, of: connectionID, workspaceID: workspaceID,
                EventNote(detail: connection.reauthorizeBy.map { "the grant ends at \($0.rfc3339)" }),
                connection, publisher)
            return true
        } catch StoreError.unreadable {
            return false
        }
    }
}
