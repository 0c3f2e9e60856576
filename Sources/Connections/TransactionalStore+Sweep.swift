/// Connections that are to be looked at later than `?1`, the latest first; `?2` is how many.
package let lateVisits = """
    SELECT id FROM connections WHERE sweep_at_ms > ?1 ORDER BY sweep_at_ms DESC LIMIT ?2
    """

extension TransactionalStore {
    package func takeDue(limit: Int, lease: Duration) async throws(StoreError) -> DueBatch {
        try await write { transaction in
            let now = try transaction.now()
            let leasedUntil = now + lease
            var connections: [Connection] = []
            var unreadable: [UnreadableConnection] = []
            let rows = try transaction.due(by: now, limit: limit)
            for row in rows {
                let next: DatabaseTime
                switch row.record {
                case .success(let connection):
                    connections.append(connection)
                    next = leasedUntil
                case .failure(let row):
                    unreadable.append(row)
                    next = now + .seconds(86_400)
                }
                guard let id = row.position?.id else { continue }
                try transaction.setSweep(of: id, to: next, replacing: nil)
            }
            return DueBatch(
                connections: connections, unreadable: unreadable, leasedUntil: leasedUntil,
                isFull: rows.count == limit)
        }
    }

    package func schedule(_ visits: [SweepVisit]) async throws(StoreError) {
        guard !visits.isEmpty else { return }
        // In one order for all, so that no two transactions wait for each other.
        let ordered = visits.map { ($0.id.description, $0) }.sorted { $0.0 < $1.0 }
        try await write { transaction in
            for (id, visit) in ordered {
                try transaction.setSweep(
                    of: id, to: visit.next.map { DatabaseTime($0) }, replacing: visit.leasedUntil)
            }
        }
    }

    package func noteTokenReads(_ reads: [TokenRead]) async throws(StoreError) {
        guard !reads.isEmpty else { return }
        let ordered = reads.map { ($0.id.description, $0) }.sorted { $0.0 < $1.0 }.map(\.1)
        try await write { transaction in
            let now = try transaction.now()
            for read in ordered {
                try transaction.noteTokenRead(
                    of: read.id, at: now, sweepBy: read.sweepBy.map { DatabaseTime($0) })
            }
        }
    }

    package func hastenSweep(limit: Int) async throws(StoreError) -> Int {
        // Usually there is none, and looking takes no lock.
        let isIdle = try await read { transaction in
            try transaction.rows(lateVisits, [.integer(try transaction.latestVisit()), .integer(1)]).isEmpty
        }
        guard !isIdle else { return 0 }
        return try await write { transaction in
            try transaction.run(
                """
                UPDATE connections SET sweep_at_ms = ?3 WHERE id IN (
                    \(lateVisits)\(transaction.skippingLocked))
                """,
                [
                    .integer(try transaction.latestVisit()), .integer(Int64(max(limit, 0))),
                    .integer(try transaction.now().millisecondsSinceEpoch),
                ])
        }
    }

    package func sweepBacklog() async throws(StoreError) -> SweepBacklog {
        try await read { transaction in
            let now = try transaction.now()
            let (count, earliest) = try transaction.countDue(by: now, limit: SweepBacklog.limit)
            // Rows of older versions were never given a time.
            let since = earliest.flatMap { $0.millisecondsSinceEpoch > 0 ? $0 : nil }
            return SweepBacklog(count: count, delay: since.map { now.remaining(at: $0) } ?? .zero)
        }
    }
}

extension StoreTransaction {
    /// No plan is for later.
    fileprivate func latestVisit() throws -> Int64 {
        (try now() + SweepVisit.longestDelay + SweepVisit.longestSkew).millisecondsSinceEpoch
    }
}
