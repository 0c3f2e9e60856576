#if PostgreSQL
package import Connections
package import StateTokens

extension PostgreSQLTransaction {
    private static let selectClaim = "SELECT \(Claim.columns.names) FROM claims WHERE flow_id = $1"
    private static let lockClaim = "\(selectClaim) FOR UPDATE"
    private static let insertClaim = """
        INSERT INTO claims (\(Claim.columns.names)) VALUES (\(Claim.columns.placeholders))
        ON CONFLICT DO NOTHING
        """
    private static let updateClaim = "UPDATE claims SET \(Claim.columns.assignments) WHERE flow_id = $1"

    package func claim(of flow: FlowID) throws -> Claim? {
        let result = try executeLocking(
            isWriting ? Self.lockClaim : Self.selectClaim, [.octets(flow.octets)])
        return try result.values.first.map { try Claim(stored: $0) }
    }

    /// The lock comes first, so that what is read behind it is what the one before has committed.
    package func claim(
        of flow: FlowID, lookingFor match: ConnectionMatch, limit: Int
    ) throws -> (claim: Claim?, rows: [ListedRow<Connection>]) {
        let results = try executeLocking([
            Command("SELECT pg_advisory_xact_lock($1)::text", [.integer(match.lockKey)]),
            Command(isWriting ? Self.lockClaim : Self.selectClaim, [.octets(flow.octets)]),
            Command(
                Self.matching,
                [
                    .text(match.integrationID), .text(match.accountID), .optional(match.userID),
                    .text(match.workspaceID), .octets(match.client.octets), .integer(Int64(limit)),
                ]),
        ])
        let rows = results[2].values.map { values in
            ListedRow(Connection.columns, values) { row throws(RowFault) in try Connection(&row) }
        }
        return (try results[1].values.first.map { try Claim(stored: $0) }, rows)
    }

    package func insert(_ claim: Claim, of flow: FlowID) throws -> Bool {
        try execute(Self.insertClaim, claim.values(of: flow).map { Parameter($0) }).changedCount == 1
    }

    package func update(_ claim: Claim, of flow: FlowID) throws {
        try enqueue(Self.updateClaim, claim.values(of: flow).map { Parameter($0) })
    }

    /// Passes by what another replica is deleting. A row that is locked stays in its place, by which it is found again: flow
    /// ids are random, and each would have to be looked up on a page of its own.
    static let purgeClaims = """
        DELETE FROM claims WHERE ctid = ANY (ARRAY(
            SELECT ctid FROM claims
            WHERE kept_until_ms <= $1 AND (announce_at_ms IS NULL OR kept_until_ms <= $1 - 86400000)
            ORDER BY kept_until_ms LIMIT $2 FOR UPDATE SKIP LOCKED))
        """

    package func deleteClaims(keptUntil end: DatabaseTime, limit: Int) throws -> Int {
        try execute(
            Self.purgeClaims, [.integer(end.millisecondsSinceEpoch), .integer(Int64(limit))]
        ).changedCount
    }
}
#endif
