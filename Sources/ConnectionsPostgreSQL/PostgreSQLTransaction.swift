#if PostgreSQL
package import Connections

/// One transaction at the server, or, where it only reads, single statements that each see a moment of their
/// own.
package final class PostgreSQLTransaction {
    private let session: Session
    private let clock: ServerClock
    let isWriting: Bool
    private let deadline: ContinuousClock.Instant
    private var moment: DatabaseTime?

    init(_ session: Session, _ clock: ServerClock, isWriting: Bool, by deadline: ContinuousClock.Instant) {
        self.session = session
        self.clock = clock
        self.isWriting = isWriting
        self.deadline = deadline
    }

    func execute(_ sql: String, _ parameters: [Parameter] = []) throws(DatabaseFailure) -> QueryResult {
        try session.execute(sql, parameters, by: deadline)
    }
}

extension PostgreSQLTransaction: StoreTransaction {
    /// Asked for once, so that all that is written in one transaction bears one time; and not before it is
    /// needed, since a transaction may have waited for the row that it compares the time with.
    package func now() throws -> DatabaseTime {
        if let moment { return moment }
        let now = try read()
        moment = now
        return now
    }

    package func ping() throws { _ = try execute("SELECT 1 FROM claims LIMIT 1") }

    private func read() throws -> DatabaseTime {
        switch clock.source {
        case .injected(let now):
            return now()
        case .server:
            let result = try execute("SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint")
            guard let columns = result.rows.first else {
                throw StoreError.unavailable(reason: "PostgreSQL does not say what time it is")
            }
            var row = RowReader(columns)
            return DatabaseTime(millisecondsSinceEpoch: try row.integer())
        }
    }
}
#endif
