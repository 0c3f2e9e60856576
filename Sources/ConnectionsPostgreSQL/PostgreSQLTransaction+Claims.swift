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
            Command(Self.lockAccount, [.integer(match.lockKey)]),
            Command(isWriting ? Self.lockClaim : Self.selectClaim, [.octets(flow.octets)]),
            Self.look(for: match, limit: limit),
        ])
        return (
            try results[1].values.first.map { try Claim(stored: $0) }, Self.connections(in: results[2])
        )
    }

    package func insert(_ claim: Claim, of flow: FlowID) throws -> Bool {
        try execute(Self.insertClaim, claim.values(of: flow).map { Parameter($0) }).changedCount == 1
    }

    package func update(_ claim: Claim, of flow: FlowID) throws {
        try enqueue(Self.updateClaim, claim.values(of: flow).map { Parameter($0) })
    }

    /// Claims the flows that have no claim, and commits, in one round trip.
    ///
    /// - Returns: for each flow whether this call claimed it; `false` if it has a claim already.
    /// - Throws: `DatabaseSessionError`; the transaction is rolled back.
    func write(_ claims: [NextClaim], in session: DatabaseSession) throws -> [Result<Bool?, any Error>] {
        // One order for all groups, so that no two deadlock.
        let order = claims.indices.sorted { first, second in
            claims[first].flow.octets.lexicographicallyPrecedes(claims[second].flow.octets)
        }
        do {
            try begin(limits: nil)
            let results = try commit(behind: Self.insertions(of: order.map { claims[$0] }, clock))
            var answers = [Result<Bool?, any Error>](repeating: .success(nil), count: claims.count)
            for (index, result) in zip(order, results) { answers[index] = .success(result.changedCount == 1) }
            return answers
        } catch {
            session.rollBack()
            throw error
        }
    }

    /// Statements that each claim a flow if it has no claim, and change nothing if it has one.
    private static func insertions(of claims: [NextClaim], _ clock: ServerClock) -> [Command] {
        let count = Claim.columns.count + 1
        let time: Parameter
        let moment: String
        switch clock.source {
        case .server: (time, moment) = (.integer(0), "$\(count)::bigint + (\(clockTime))")
        case .injected(let now):
            (time, moment) = (.integer(now().millisecondsSinceEpoch), "$\(count)::bigint")
        }
        // All numbers of a claim are times.
        let values = Claim.columns.enumerated().map { index, column in
            column.kind == .integer ? "$\(index + 1)::bigint + moment.now" : "$\(index + 1)"
        }
        let sql = """
            INSERT INTO claims (\(Claim.columns.names))
            SELECT \(values.joined(separator: ", ")) FROM (SELECT \(moment) AS now) AS moment
            ON CONFLICT DO NOTHING
            """
        return claims.map { claim in
            let relative = claim.claim(at: DatabaseTime(millisecondsSinceEpoch: 0))
            return Command(sql, relative.values(of: claim.flow).map { Parameter($0) } + [time])
        }
    }

    /// Ends flows, and commits, in two round trips.
    ///
    /// - Returns: for each whether the caller was still the owner; `nil` for one that is to be ended alone.
    func write(_ finishes: [FlowFinish], in session: DatabaseSession) throws -> [Result<Bool?, any Error>] {
        // A second ending of the same flow or account must see what the first wrote, so it is written alone.
        var flows: Set<FlowID> = []
        var keys: Set<Int64> = []
        let chosen = finishes.indices.filter { index in
            let finish = finishes[index]
            return flows.insert(finish.flow).inserted
                && finish.match.map { keys.insert($0.lockKey).inserted } ?? true
        }
        let alone = [Result<Bool?, any Error>](repeating: .success(nil), count: finishes.count)
        var answers = alone
        var isCommitting = false
        do {
            try begin(limits: nil)
            for (index, found) in zip(chosen, try lock(chosen.map { finishes[$0] })) {
                do {
                    answers[index] = .success(
                        try undoingAlone {
                            try finish(finishes[index], try found.claim.get(), renewing: found.existing)
                        })
                } catch let failure as DatabaseSessionError {
                    throw failure
                } catch {
                    answers[index] = .failure(error)
                }
            }
            isCommitting = true
            try commit()
            return answers
        } catch let error as DatabaseSessionError where !isCommitting && !error.affectsAllWrites {
            // Nothing of it is written.
            session.rollBack()
            return alone
        } catch {
            session.rollBack()
            throw error
        }
    }

    /// Locks the accounts and the claims of flows that are to end, and looks up existing connections to the same accounts. The
    /// order of the locks is the same for every group, so that no two deadlock.
    func lock(
        _ finishes: [FlowFinish]
    ) throws -> [(claim: Result<Claim?, any Error>, existing: Connection?)] {
        let keys = finishes.compactMap { $0.match?.lockKey }.sorted()
        let flows = finishes.indices.sorted { first, second in
            finishes[first].flow.octets.lexicographicallyPrecedes(finishes[second].flow.octets)
        }
        let matched = finishes.indices.filter { finishes[$0].match != nil }
        let results = try executeLocking(
            keys.map { Command(Self.lockAccount, [.integer($0)]) }
                + flows.map { Command(Self.lockClaim, [.octets(finishes[$0].flow.octets)]) }
                + matched.compactMap { index in
                    finishes[index].match.map { Self.look(for: $0, limit: FlowFinish.mostMatches) }
                }
        ).dropFirst(keys.count)
        var found: [(claim: Result<Claim?, any Error>, existing: Connection?)] = finishes.map { _ in
            (.success(nil), nil)
        }
        for (index, result) in zip(flows, results) {
            found[index].claim = Result { try result.values.first.map { try Claim(stored: $0) } }
        }
        for (index, result) in zip(matched, results.dropFirst(flows.count)) {
            found[index].existing = finishes[index].match?.newest(of: Self.connections(in: result))
        }
        return found
    }

    private static let lockAccount = "SELECT pg_advisory_xact_lock($1)::text"

    private static func look(for match: ConnectionMatch, limit: Int) -> Command {
        Command(
            matching,
            [
                .text(match.integrationID), .text(match.accountID), .optional(match.userID),
                .text(match.workspaceID), .octets(match.client.octets), .integer(Int64(limit)),
            ])
    }

    private static func connections(in result: QueryResult) -> [ListedRow<Connection>] {
        result.values.map { values in
            ListedRow(Connection.columns, values) { row throws(RowFault) in try Connection(&row) }
        }
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
