#if PostgreSQL
package import Connections

extension PostgreSQLTransaction {
    package func revocationRow(_ id: RevocationID) throws -> [StoredValue]? {
        try execute(
            "SELECT \(Revocation.columns.qualified(by: "revocations")) FROM revocations WHERE id = $1",
            [.text(id.description)]
        ).values.first
    }

    package func outcomes(of id: RevocationID) throws -> [[StoredValue]] {
        try execute(
            """
            SELECT outcome, count(*), max(concluded_at_ms) FROM revocation_grants
            WHERE revocation_id = $1 GROUP BY outcome
            """, [.text(id.description)]
        ).values
    }

    package func insert(revocationRow values: [StoredValue]) throws -> Bool {
        let columns = Revocation.columns
        return try execute(
            "INSERT INTO revocations (\(columns.names)) VALUES (\(columns.placeholders)) ON CONFLICT DO NOTHING",
            values.map { Parameter($0) }
        ).changedCount == 1
    }

    package func setMatched(_ count: Int, of id: RevocationID) throws {
        _ = try execute(
            "UPDATE revocations SET matched_count = $2 WHERE id = $1",
            [.text(id.description), .integer(Int64(count))])
    }

    package func count(matching filter: RevocationFilter) throws -> Int {
        let condition = RevocationCondition(filter, from: 1, in: .postgreSQL)
        let result = try execute(
            "SELECT count(*) FROM connections WHERE \(condition.sql)",
            condition.values.map { Parameter($0) })
        return StoredValue.countAndEarliest(result.values.first).count
    }

    /// One statement, so that what is written down is exactly what was made inactive.
    package func mark(
        matching filter: RevocationFilter, for id: RevocationID, actor: String, reason: String,
        at now: DatabaseTime
    ) throws -> Int {
        let condition = RevocationCondition(filter, from: 4, in: .postgreSQL)
        let count = try execute(
            """
            WITH marked AS (
                UPDATE connections SET status = 'inactive', status_reason = $2, updated_at_ms = $3,
                    sweep_at_ms = NULL,
                    revision = CASE WHEN revision < 9223372036854775806 THEN revision + 1 ELSE revision END
                WHERE \(condition.sql) RETURNING id, workspace_id, integration_id
            )
            INSERT INTO revocation_grants
                (revocation_id, connection_id, workspace_id, integration_id, attempt_count, due_at_ms)
            SELECT $1::text, id, workspace_id, integration_id, 0, $3::bigint FROM marked
            """,
            [.text(id.description), .text(reason), .integer(now.millisecondsSinceEpoch)]
                + condition.values.map { Parameter($0) }
        ).changedCount
        _ = try execute(
            """
            INSERT INTO connection_events (connection_id, number, workspace_id, type, at_ms, detail, actor)
            SELECT connection_id, coalesce((SELECT max(number) FROM connection_events AS past
                WHERE past.connection_id = revocation_grants.connection_id
                    AND past.number < \(ConnectionEvent.numberLimit)), 0) + 1,
                workspace_id, 'updated', $2::bigint, $3::text, $4::text
            FROM revocation_grants WHERE revocation_id = $1
            """,
            [
                .text(id.description), .integer(now.millisecondsSinceEpoch),
                .text("status inactive: revocation \(id)"), .text(actor),
            ])
        return count
    }

    /// Passes by what another replica is taking.
    package func dueGrants(
        of id: RevocationID?, by end: DatabaseTime, limit: Int
    ) throws -> [[StoredValue]] {
        let own = id == nil ? "" : "AND revocation_id = $3"
        return try execute(
            """
            SELECT revocation_id, connection_id, revocation_grants.workspace_id,
                revocation_grants.integration_id, attempt_count, actor, created_at_ms
            FROM revocation_grants JOIN revocations ON id = revocation_id
            WHERE due_at_ms <= $1 \(own) ORDER BY due_at_ms LIMIT $2
            \(isWriting ? "FOR UPDATE OF revocation_grants SKIP LOCKED" : "")
            """,
            [.integer(end.millisecondsSinceEpoch), .integer(Int64(limit))]
                + (id.map { [.text($0.description)] } ?? [])
        ).values
    }

    package func setDue(of grant: RevocationTask, at time: DatabaseTime, attemptCount: Int) throws {
        _ = try execute(
            """
            UPDATE revocation_grants SET due_at_ms = $3, attempt_count = $4
            WHERE revocation_id = $1 AND connection_id = $2 AND outcome IS NULL
            """,
            [
                .text(grant.revocationID.description), .text(grant.connectionID),
                .integer(time.millisecondsSinceEpoch), .integer(Int64(attemptCount)),
            ])
    }

    package func conclude(
        _ grant: RevocationTask, as outcome: RevocationOutcome, reason: String?, at now: DatabaseTime
    ) throws -> Bool {
        try execute(
            """
            UPDATE revocation_grants SET outcome = $3, reason = $4, concluded_at_ms = $5, due_at_ms = NULL
            WHERE revocation_id = $1 AND connection_id = $2 AND outcome IS NULL
            """,
            [
                .text(grant.revocationID.description), .text(grant.connectionID), .text(outcome.rawValue),
                .optional(reason), .integer(now.millisecondsSinceEpoch),
            ]
        ).changedCount == 1
    }

    package func grants(
        of id: RevocationID, that progress: GrantProgress?, after connectionID: String?, limit: Int
    ) throws -> [[StoredValue]] {
        let condition = progress?.condition("$4")
        return try execute(
            Self.grants(condition?.sql ?? ""),
            [.text(id.description), .text(connectionID ?? ""), .integer(Int64(limit))]
                + (condition?.values ?? []).map { Parameter($0) }
        ).values
    }

    static func grants(_ condition: String) -> String {
        """
        SELECT \(RevocationEntry.columns.qualified(by: "revocation_grants")) FROM revocation_grants
        WHERE revocation_id = $1 AND connection_id > $2 \(condition) ORDER BY connection_id LIMIT $3
        """
    }
}
#endif
