package import Connections
import GRDB

extension SQLiteTransaction {
    package func revocationRow(_ id: RevocationID) throws -> [StoredValue]? {
        try database.values(
            "SELECT \(Revocation.columns.selected(from: "revocations")) FROM revocations WHERE id = ?",
            [.text(id.description)]
        ).first
    }

    package func outcomes(of id: RevocationID) throws -> [[StoredValue]] {
        try database.values(
            """
            SELECT outcome, count(*), max(concluded_at_ms) FROM revocation_grants
            WHERE revocation_id = ? GROUP BY outcome
            """, [.text(id.description)])
    }

    package func insert(revocationRow values: [StoredValue]) throws -> Bool {
        let columns = Revocation.columns
        try database.write(
            "INSERT OR IGNORE INTO revocations (\(columns.names)) VALUES (\(columns.placeholders))", values)
        return database.changesCount == 1
    }

    package func setMatched(_ count: Int, of id: RevocationID) throws {
        try database.write(
            "UPDATE revocations SET matched_count = ?2 WHERE id = ?1",
            [.text(id.description), .integer(Int64(count))])
    }

    package func count(matching filter: RevocationFilter) throws -> Int {
        let condition = RevocationCondition(filter, from: 1, in: .sqlite)
        let rows = try database.values(
            "SELECT count(*) FROM connections WHERE \(condition.sql)", condition.values)
        return StoredValue.countAndEarliest(rows.first).count
    }

    /// No other transaction writes meanwhile, so that all statements are about the same rows.
    package func mark(
        matching filter: RevocationFilter, for id: RevocationID, actor: String, reason: String,
        at now: DatabaseTime
    ) throws -> Int {
        let condition = RevocationCondition(filter, from: 3, in: .sqlite)
        try database.write(
            """
            INSERT INTO revocation_grants
                (revocation_id, connection_id, workspace_id, integration_id, attempt_count, due_at_ms)
            SELECT ?1, id, workspace_id, integration_id, 0, ?2 FROM connections WHERE \(condition.sql)
            """, [.text(id.description), .integer(now.millisecondsSinceEpoch)] + condition.values)
        let count = database.changesCount
        try database.write(
            """
            UPDATE connections SET status = 'inactive', status_reason = ?2, updated_at_ms = ?3, sweep_at_ms = NULL,
                revision = CASE WHEN revision < 9223372036854775806 THEN revision + 1 ELSE revision END
            WHERE id IN (SELECT connection_id FROM revocation_grants WHERE revocation_id = ?1)
            """, [.text(id.description), .text(reason), .integer(now.millisecondsSinceEpoch)])
        try database.write(
            """
            INSERT INTO connection_events (connection_id, number, workspace_id, type, at_ms, detail, actor)
            SELECT connection_id, coalesce((SELECT max(number) FROM connection_events AS past
                WHERE past.connection_id = revocation_grants.connection_id
                    AND past.number < \(ConnectionEvent.numberLimit)), 0) + 1,
                workspace_id, 'updated', ?2, ?3, ?4
            FROM revocation_grants WHERE revocation_id = ?1
            """,
            [
                .text(id.description), .integer(now.millisecondsSinceEpoch),
                .text("status inactive: revocation \(id)"), .text(actor),
            ])
        return count
    }

    package func dueGrants(
        of id: RevocationID?, by end: DatabaseTime, limit: Int
    ) throws -> [[StoredValue]] {
        let own = id == nil ? "" : "AND revocation_id = ?3"
        return try database.values(
            """
            SELECT revocation_id, connection_id, revocation_grants.workspace_id,
                revocation_grants.integration_id, attempt_count, actor, created_at_ms
            FROM revocation_grants JOIN revocations ON id = revocation_id
            WHERE due_at_ms <= ?1 \(own) ORDER BY due_at_ms LIMIT ?2
            """,
            [.integer(end.millisecondsSinceEpoch), .integer(Int64(limit))]
                + (id.map { [.text($0.description)] } ?? []))
    }

    package func setDue(of grant: RevocationTask, at time: DatabaseTime, attemptCount: Int) throws {
        try database.write(
            """
            UPDATE revocation_grants SET due_at_ms = ?3, attempt_count = ?4
            WHERE revocation_id = ?1 AND connection_id = ?2 AND outcome IS NULL
            """,
            [
                .text(grant.revocationID.description), .text(grant.connectionID),
                .integer(time.millisecondsSinceEpoch), .integer(Int64(attemptCount)),
            ])
    }

    package func conclude(
        _ grant: RevocationTask, as outcome: RevocationOutcome, reason: String?, at now: DatabaseTime
    ) throws -> Bool {
        try database.write(
            """
            UPDATE revocation_grants SET outcome = ?3, reason = ?4, concluded_at_ms = ?5, due_at_ms = NULL
            WHERE revocation_id = ?1 AND connection_id = ?2 AND outcome IS NULL
            """,
            [
                .text(grant.revocationID.description), .text(grant.connectionID), .text(outcome.rawValue),
                .optional(reason), .integer(now.millisecondsSinceEpoch),
            ])
        return database.changesCount == 1
    }

    package func grants(
        of id: RevocationID, that progress: GrantProgress?, after connectionID: String?, limit: Int
    ) throws -> [[StoredValue]] {
        let condition = progress?.condition("?4")
        return try database.values(
            Self.grants(condition?.sql ?? ""),
            [.text(id.description), .text(connectionID ?? ""), .integer(Int64(limit))]
                + (condition?.values ?? []))
    }

    static func grants(_ condition: String) -> String {
        """
        SELECT \(RevocationEntry.columns.selected(from: "revocation_grants")) FROM revocation_grants
        WHERE revocation_id = ?1 AND connection_id > ?2 \(condition) ORDER BY connection_id LIMIT ?3
        """
    }
}
