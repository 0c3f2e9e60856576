#if PostgreSQL
package import Connections
package import StateTokens

extension PostgreSQLTransaction {
    package func claim(of flow: FlowID) throws -> Claim? {
        let result = try execute(
            """
            SELECT codes, owner, phase, lease_ends_at_ms, connection_id, error, error_description,
                kept_until_ms
            FROM claims WHERE flow_id = $1\(isWriting ? " FOR UPDATE" : "")
            """, [.octets(flow.octets)])
        return try result.rows.first.map(Claim.init(row:))
    }

    package func insert(_ claim: Claim, of flow: FlowID) throws -> Bool {
        try execute(
            """
            INSERT INTO claims (flow_id, codes, owner, phase, lease_ends_at_ms, connection_id, error,
                error_description, kept_until_ms)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING
            """, [.octets(flow.octets)] + claim.parameters
        ).changedCount == 1
    }

    package func update(_ claim: Claim, of flow: FlowID) throws {
        _ = try execute(
            """
            UPDATE claims SET codes = $2, owner = $3, phase = $4, lease_ends_at_ms = $5, connection_id = $6,
                error = $7, error_description = $8, kept_until_ms = $9
            WHERE flow_id = $1
            """, [.octets(flow.octets)] + claim.parameters)
    }

    /// Passes by what another replica is deleting.
    package func deleteClaims(keptUntil end: DatabaseTime, limit: Int) throws -> Int {
        try execute(
            """
            DELETE FROM claims WHERE flow_id IN (
                SELECT flow_id FROM claims WHERE kept_until_ms <= $1 ORDER BY kept_until_ms LIMIT $2
                FOR UPDATE SKIP LOCKED)
            """, [.integer(end.millisecondsSinceEpoch), .integer(Int64(limit))]
        ).changedCount
    }
}

extension Claim {
    fileprivate init(row columns: [[UInt8]?]) throws(StoreError) {
        var row = RowReader(columns)
        let codes = try row.octets()
        let owner = LeaseOwner(octets: try row.octets())
        let phase = try row.text()
        let leaseEnd = try row.optionalInteger()
        let connectionID = try row.optionalText()
        let error = try row.optionalText()
        // Once a sentence.
        let reason = try row.optionalText()
        let keptUntil = DatabaseTime(millisecondsSinceEpoch: try row.integer())
        let found: Phase? =
            switch phase {
            case "held": leaseEnd.map { .held(until: DatabaseTime(millisecondsSinceEpoch: $0)) }
            case "free": .free
            case "success": connectionID.flatMap { ConnectionID($0) }.map { .finished(.success($0)) }
            case "failure":
                if let error, let reason {
                    .finished(.failure(FlowFailure(code: error, reason: reason)))
                } else {
                    nil
                }
            default: nil
            }
        guard let owner, let found,
            let claim = Claim(codes: codes, owner: owner, phase: found, keptUntil: keptUntil)
        else { throw .corrupt(reason: "a claim that makes no sense") }
        self = claim
    }

    /// From `codes` to `kept_until_ms`.
    fileprivate var parameters: [Parameter] {
        let common: [Parameter] = [.octets(codes), .octets(owner.octets)]
        let phase: [Parameter] =
            switch phase {
            case .held(let leaseEnd):
                [.text("held"), .integer(leaseEnd.millisecondsSinceEpoch), .null, .null, .null]
            case .free:
                [.text("free"), .null, .null, .null, .null]
            case .finished(.success(let id)):
                [.text("success"), .null, .text(id.description), .null, .null]
            case .finished(.failure(let failure)):
                [.text("failure"), .null, .null, .text(failure.code), .text(failure.reason)]
            }
        return common + phase + [.integer(keptUntil.millisecondsSinceEpoch)]
    }
}
#endif
