#if PostgreSQL
import CPostgreSQL
import Glibc

/// A statement with its parameters.
struct Command: Sendable {
    let sql: String
    let parameters: [Parameter]

    init(_ sql: String, _ parameters: [Parameter] = []) {
        self.sql = sql
        self.parameters = parameters
    }
}

/// One connection to the server, with the statements that it has prepared. It belongs to one thread at a
/// time.
///
/// Once made it never blocks in libpq: it waits for the socket itself, as long as the deadline allows.
@safe final class DatabaseSession {
    private let connection: OpaquePointer
    private var statementNames: [String: String] = [:]
    /// Whether it is of no use any more.
    private(set) var isBroken = false
    /// When it was last returned to the pool.
    private var idleSince = ContinuousClock.now
    /// Whether a pooler stands between, which may give each transaction another process of the server: settings and
    /// prepared statements of one are not there in the next.
    private(set) var isPooled = false

    /// Connects, which libpq bounds by `connect_timeout` for each host (and the resolver by its own).
    init(_ address: ServerAddress) throws(DatabaseSessionError) {
        let made = unsafe address.withParameters { keywords, values in
            unsafe PQconnectdbParams(keywords, values, 1)
        }
        guard let made = unsafe made else { throw .disconnected(reason: "libpq has no memory") }
        guard unsafe PQstatus(made) == CONNECTION_OK else {
            let reason = unsafe String(cString: PQerrorMessage(made))
            unsafe PQfinish(made)
            throw .disconnected(reason: Self.line(reason))
        }
        guard unsafe PQsetnonblocking(made, 1) == 0 else {
            unsafe PQfinish(made)
            throw .disconnected(reason: "libpq cannot wait for the server")
        }
        // Keeps the server's notices off standard error.
        unsafe PQsetNoticeReceiver(made, { _, _ in }, nil)
        unsafe connection = made
    }

    deinit { unsafe PQfinish(connection) }

    /// Compares the process that answers with the one that was connected to: a pooler gives a number of its own.
    ///
    /// - Parameter processID: what the server says, as text.
    func findPooler(processID: [UInt8]) {
        isPooled = processID != Array(String(unsafe PQbackendPID(connection)).utf8)
    }

    /// Marks the session as idle from now on.
    func markIdle() { idleSince = .now }

    /// Whether the server may have closed it: it was idle for more than 1 s, or it has unread input.
    var mayBeLost: Bool {
        if idleSince.duration(to: .now) > .seconds(1) { return true }
        var descriptor = pollfd(fd: unsafe PQsocket(connection), events: Int16(POLLIN), revents: 0)
        return unsafe poll(&descriptor, 1, 0) != 0
    }

    /// Runs one statement, which is prepared the first time.
    func execute(
        _ sql: String, _ parameters: [Parameter] = [], by deadline: ContinuousClock.Instant
    ) throws(DatabaseSessionError) -> QueryResult {
        let statement = try statement(sql, by: deadline)
        return try result(send(statement, parameters), by: deadline)
    }

    /// Runs one statement that only reads with each of several rows of parameters. They are sent together, and one after
    /// another sees what was committed before it.
    ///
    /// - Throws: `.refused` if the server refuses one of them.
    func execute(
        _ sql: String, withEach rows: [[Parameter]], by deadline: ContinuousClock.Instant
    ) throws(DatabaseSessionError) -> [QueryResult] {
        let statement = try statement(sql, by: deadline)
        return try execute(rows.map { (statement, $0) }, by: deadline)
    }

    /// Runs statements of one transaction, which are sent together: one way to the server and back.
    ///
    /// - Throws: `.refused` if the server refuses one of them; those behind it were not run then.
    func execute(
        _ commands: [Command], by deadline: ContinuousClock.Instant
    ) throws(DatabaseSessionError) -> [QueryResult] {
        var statements: [(Statement, [Parameter])] = []
        for command in commands {
            statements.append((try statement(command.sql, by: deadline), command.parameters))
        }
        return try execute(statements, by: deadline)
    }

    private func execute(
        _ statements: [(Statement, [Parameter])], by deadline: ContinuousClock.Instant
    ) throws(DatabaseSessionError) -> [QueryResult] {
        do throws(DatabaseSessionError) {
            guard unsafe PQenterPipelineMode(connection) == 1 else { throw disconnected() }
            for (statement, parameters) in statements {
                guard send(statement, parameters) == 1 else { throw disconnected() }
            }
            guard unsafe PQpipelineSync(connection) == 1 else { throw disconnected() }
            try flush(by: deadline)
            var results: [QueryResult] = []
            var sqlState: String?
            for _ in statements {
                while let result = try nextResult(by: deadline) {
                    switch result.status {
                    case PGRES_TUPLES_OK, PGRES_COMMAND_OK: results.append(QueryResult(result))
                    // What was sent behind a statement that was refused is not looked at.
                    case PGRES_PIPELINE_ABORTED: break
                    default: sqlState = sqlState ?? result.sqlState
                    }
                }
            }
            guard try nextResult(by: deadline)?.status == PGRES_PIPELINE_SYNC,
                unsafe PQexitPipelineMode(connection) == 1
            else { throw disconnected() }
            if let sqlState { throw .refused(sqlState: sqlState) }
            guard results.count == statements.count else { throw disconnected() }
            return results
        } catch {
            if case .refused = error {} else { isBroken = true }
            throw error
        }
    }

    /// Runs any number of statements without parameters.
    ///
    /// - Returns: what the last one gave, as text.
    @discardableResult
    func run(
        script sql: String, by deadline: ContinuousClock.Instant
    ) throws(DatabaseSessionError) -> QueryResult {
        try result(unsafe PQsendQuery(connection, sql), by: deadline)
    }

    /// Undoes a transaction that failed, if the session still works.
    func rollBack() {
        guard !isBroken else { return }
        do throws(DatabaseSessionError) {
            try run(script: "ROLLBACK", by: .now + .seconds(1))
        } catch {
            // Then it is of no use, and the server undoes it by itself.
            isBroken = true
        }
    }

    private enum Statement {
        case prepared(name: String)
        /// Sent whole each time, since what is prepared in one process is not there in another.
        case text(String)
    }

    private func statement(
        _ sql: String, by deadline: ContinuousClock.Instant
    ) throws(DatabaseSessionError) -> Statement {
        guard !isPooled else { return .text(sql) }
        if let name = statementNames[sql] { return .prepared(name: name) }
        let name = "symbolon_\(statementNames.count)"
        _ = try result(unsafe PQsendPrepare(connection, name, sql, 0, nil), by: deadline)
        statementNames[sql] = name
        return .prepared(name: name)
    }

    /// - Returns: 1 if libpq took it.
    private func send(_ statement: Statement, _ parameters: [Parameter]) -> Int32 {
        let count = Int32(parameters.count)
        return unsafe BinaryParameters(parameters).withPointers { values, lengths, formats in
            switch statement {
            case .prepared(let name):
                unsafe PQsendQueryPrepared(connection, name, count, values, lengths, formats, 1)
            case .text(let sql):
                unsafe PQsendQueryParams(connection, sql, count, nil, values, lengths, formats, 1)
            }
        }
    }

    // MARK: Waiting

    private func result(
        _ isSent: Int32, by deadline: ContinuousClock.Instant
    ) throws(DatabaseSessionError) -> QueryResult {
        do throws(DatabaseSessionError) {
            guard isSent == 1 else { throw disconnected() }
            try flush(by: deadline)
            var last: QueryResult?
            var sqlState: String?
            while let result = try nextResult(by: deadline) {
                switch result.status {
                case PGRES_COMMAND_OK, PGRES_TUPLES_OK: last = QueryResult(result)
                default: sqlState = result.sqlState
                }
            }
            guard unsafe PQstatus(connection) == CONNECTION_OK else { throw disconnected() }
            if let sqlState { throw .refused(sqlState: sqlState) }
            guard let last else { throw disconnected() }
            return last
        } catch {
            switch error {
            case .refused: break
            case .disconnected, .timedOut: isBroken = true
            }
            throw error
        }
    }

    /// The next result; `nil` at the end of those of a statement.
    private func nextResult(
        by deadline: ContinuousClock.Instant
    ) throws(DatabaseSessionError) -> OwnedResult? {
        while unsafe PQisBusy(connection) == 1 {
            try wait(for: Int16(POLLIN), until: deadline)
            guard unsafe PQconsumeInput(connection) == 1 else { throw disconnected() }
        }
        guard let result = unsafe PQgetResult(connection) else { return nil }
        return unsafe OwnedResult(result)
    }

    private func flush(by deadline: ContinuousClock.Instant) throws(DatabaseSessionError) {
        while true {
            switch unsafe PQflush(connection) {
            case 0: return
            case 1:
                try wait(for: Int16(POLLIN | POLLOUT), until: deadline)
                guard unsafe PQconsumeInput(connection) == 1 else { throw disconnected() }
            default: throw disconnected()
            }
        }
    }

    private func wait(for events: Int16, until deadline: ContinuousClock.Instant) throws(DatabaseSessionError)
    {
        var descriptor = pollfd(fd: unsafe PQsocket(connection), events: events, revents: 0)
        guard descriptor.fd >= 0 else { throw disconnected() }
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { throw .timedOut }
            let milliseconds = min(left / .milliseconds(1), 60_000).rounded(.up)
            switch unsafe poll(&descriptor, 1, Int32(milliseconds)) {
            case 0: continue
            case 1...: return
            default:
                if errno != EINTR {
                    throw .disconnected(
                        reason: "the connection failed: \(unsafe String(cString: strerror(errno)))")
                }
            }
        }
    }

    private func disconnected() -> DatabaseSessionError {
        .disconnected(reason: Self.line(unsafe String(cString: PQerrorMessage(connection))))
    }

    /// libpq's messages, which name host, port, database and user, in one line.
    private static func line(_ message: String) -> String {
        message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
}
#endif
