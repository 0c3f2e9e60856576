#if PostgreSQL
package import Connections

/// One transaction at the server, or, where it only reads, single statements that each see a moment of their
/// own.
package final class PostgreSQLTransaction {
    static let clockTime = "SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint"

    private let session: DatabaseSession
    let clock: ServerClock
    let isWriting: Bool
    /// Whether several writes share it, which are done again one by one if it fails.
    let isGrouped: Bool
    private let deadline: ContinuousClock.Instant
    private var moment: DatabaseTime?
    /// Sent together with the next statement whose result is asked for.
    private var waiting: [Command] = []
    /// How many times statements were sent.
    private var sentCount = 0
    /// Whether the server has done something of it, or may have.
    private(set) var isBegun = false

    init(
        _ session: DatabaseSession, _ clock: ServerClock, isWriting: Bool, isGrouped: Bool = false,
        by deadline: ContinuousClock.Instant
    ) {
        self.session = session
        self.clock = clock
        self.isWriting = isWriting
        self.isGrouped = isGrouped
        self.deadline = deadline
    }

    func execute(_ sql: String, _ parameters: [Parameter] = []) throws(DatabaseSessionError) -> QueryResult {
        sentCount += 1
        guard !waiting.isEmpty else { return try session.execute(sql, parameters, by: deadline) }
        return try executeWaiting(with: [Command(sql, parameters)])[0]
    }

    /// Runs statements in one round trip where the server is reached directly.
    func executeAll(_ commands: [Command]) throws(DatabaseSessionError) -> [QueryResult] {
        guard isWriting, !session.isPooled else {
            var results: [QueryResult] = []
            for command in commands { results.append(try execute(command.sql, command.parameters)) }
            return results
        }
        return try executeWaiting(with: commands)
    }

    /// Runs a statement of a transaction whose result nothing depends on, at the latest before the commit. If the server
    /// refuses it, the next statement fails, and the transaction with it.
    func enqueue(_ sql: String, _ parameters: [Parameter]) throws(DatabaseSessionError) {
        if isWriting, !session.isPooled {
            waiting.append(Command(sql, parameters))
        } else {
            _ = try execute(sql, parameters)
        }
    }

    /// Takes back the statements of `body` if it fails, none of which has been sent.
    ///
    /// - Throws: `.refused` if some have: then nothing of the transaction may be committed.
    func undoingAlone<Value>(_ body: () throws -> Value) throws -> Value {
        let (count, sent) = (waiting.count, sentCount)
        do {
            return try body()
        } catch {
            guard sentCount == sent else { throw DatabaseSessionError.refused(sqlState: "25P02") }
            waiting.removeLast(waiting.count - count)
            throw error
        }
    }

    /// - Returns: the results of `commands`.
    private func executeWaiting(with commands: [Command]) throws(DatabaseSessionError) -> [QueryResult] {
        let before = waiting
        waiting = []
        sentCount += 1
        let results = try session.execute(before + commands, by: deadline)
        isBegun = true
        return Array(results.suffix(commands.count))
    }
}

// MARK: Beginning and end

extension PostgreSQLTransaction {
    /// - Parameter limits: a script that is run first; `nil`: the session's own limits.
    func begin(limits: String?) throws {
        if limits == nil, !session.isPooled {
            waiting.append(Command(SessionSettings.beginning))
            if isGrouped { waiting.append(Command(SessionSettings.groupLimit)) }
            return
        }
        try SessionSettings.begin(session, by: deadline)
        isBegun = true
        if let limits { try session.run(script: limits, by: deadline) }
    }

    func commit() throws { _ = try commit(behind: []) }

    /// Runs some last statements and commits, in one round trip.
    func commit(behind commands: [Command]) throws -> [QueryResult] {
        // From here on it is not known what became of it, until the server says so.
        isBegun = true
        let results =
            waiting.isEmpty && commands.isEmpty
            ? [try execute("COMMIT")] : try executeWaiting(with: commands + [Command("COMMIT")])
        // The server answers COMMIT with ROLLBACK where a statement had failed.
        guard results.last?.tag == "COMMIT" else {
            throw DatabaseSessionError.refused(sqlState: "25P02")
        }
        return results.dropLast()
    }
}

extension PostgreSQLTransaction: StoreTransaction {
    /// Asked for once, so that all that is written in one transaction bears one time; and not before it is
    /// needed, since a transaction may have waited for the row that it compares the time with.
    package func now() throws -> DatabaseTime {
        if let moment { return moment }
        let now: DatabaseTime
        switch clock.source {
        case .injected(let read): now = read()
        case .server: now = try Self.time(in: try execute(Self.clockTime))
        }
        moment = now
        return now
    }

    /// Runs a statement that locks a row, and asks for the time right behind it.
    func executeLocking(_ sql: String, _ parameters: [Parameter]) throws -> QueryResult {
        guard isWriting, moment == nil, !session.isPooled, case .server = clock.source else {
            return try execute(sql, parameters)
        }
        let results = try executeWaiting(with: [Command(sql, parameters), Command(Self.clockTime)])
        moment = try Self.time(in: results[1])
        return results[0]
    }

    /// Runs statements that lock something, in one round trip where the server is reached directly, and asks for the time
    /// behind them.
    func executeLocking(_ commands: [Command]) throws -> [QueryResult] {
        guard isWriting, !session.isPooled else {
            return try commands.map { try execute($0.sql, $0.parameters) }
        }
        guard moment == nil, case .server = clock.source else { return try executeWaiting(with: commands) }
        let results = try executeWaiting(with: commands + [Command(Self.clockTime)])
        moment = try results.last.map { try Self.time(in: $0) }
        return Array(results.dropLast())
    }

    package func ping() throws { _ = try execute("SELECT 1 FROM claims LIMIT 1") }

    private static func time(in result: QueryResult) throws -> DatabaseTime {
        guard let columns = result.rows.first else {
            throw StoreError.unavailable(reason: "PostgreSQL does not say what time it is")
        }
        var row = RowReader(columns)
        return DatabaseTime(millisecondsSinceEpoch: try row.integer())
    }
}
#endif
