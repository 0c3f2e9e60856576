#if PostgreSQL
import CPostgreSQL
import Glibc

/// One connection to the server, with the statements that it has prepared. It belongs to one thread at a
/// time.
///
/// Once made it never blocks in libpq: it waits for the socket itself, as long as the deadline allows.
@safe final class Session {
    private let connection: OpaquePointer
    private var statementNames: [String: String] = [:]
    /// Whether it is of no use any more.
    private(set) var isBroken = false

    /// Connects, which libpq bounds by `connect_timeout` for each host (and the resolver by its own).
    init(_ address: ServerAddress) throws(DatabaseFailure) {
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

    /// Runs one statement, which is prepared the first time.
    func execute(
        _ sql: String, _ parameters: [Parameter] = [], by deadline: ContinuousClock.Instant
    ) throws(DatabaseFailure) -> QueryResult {
        let name = try prepare(sql, by: deadline)
        let binary = BinaryParameters(parameters)
        let isSent = unsafe binary.withPointers { values, lengths, formats in
            unsafe PQsendQueryPrepared(
                connection, name, Int32(parameters.count), values, lengths, formats, 1)
        }
        return try result(isSent, by: deadline)
    }

    /// Runs any number of statements without parameters.
    func run(script sql: String, by deadline: ContinuousClock.Instant) throws(DatabaseFailure) {
        _ = try result(unsafe PQsendQuery(connection, sql), by: deadline)
    }

    /// Undoes a transaction that failed, if the session still works.
    func rollBack() {
        guard !isBroken else { return }
        do throws(DatabaseFailure) {
            try run(script: "ROLLBACK", by: .now + .seconds(1))
        } catch {
            // Then it is of no use, and the server undoes it by itself.
            isBroken = true
        }
    }

    private func prepare(
        _ sql: String, by deadline: ContinuousClock.Instant
    ) throws(DatabaseFailure) -> String {
        if let name = statementNames[sql] { return name }
        let name = "symbolon_\(statementNames.count)"
        _ = try result(unsafe PQsendPrepare(connection, name, sql, 0, nil), by: deadline)
        statementNames[sql] = name
        return name
    }

    // MARK: Waiting

    private func result(
        _ isSent: Int32, by deadline: ContinuousClock.Instant
    ) throws(DatabaseFailure) -> QueryResult {
        do throws(DatabaseFailure) {
            guard isSent == 1 else { throw disconnected() }
            try flush(by: deadline)
            var last: QueryResult?
            var sqlState: String?
            while true {
                while unsafe PQisBusy(connection) == 1 {
                    try wait(for: Int16(POLLIN), until: deadline)
                    guard unsafe PQconsumeInput(connection) == 1 else { throw disconnected() }
                }
                guard let result = unsafe PQgetResult(connection) else { break }
                defer { unsafe PQclear(result) }
                switch unsafe PQresultStatus(result) {
                case PGRES_COMMAND_OK, PGRES_TUPLES_OK: last = unsafe QueryResult(result)
                default: sqlState = unsafe Self.sqlState(of: result)
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

    private func flush(by deadline: ContinuousClock.Instant) throws(DatabaseFailure) {
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

    private func wait(for events: Int16, until deadline: ContinuousClock.Instant) throws(DatabaseFailure) {
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

    private func disconnected() -> DatabaseFailure {
        .disconnected(reason: Self.line(unsafe String(cString: PQerrorMessage(connection))))
    }

    /// libpq's messages, which name host, port, database and user, in one line.
    private static func line(_ message: String) -> String {
        message.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    @unsafe private static func sqlState(of result: OpaquePointer) -> String {
        guard let field = unsafe PQresultErrorField(result, Int32(UInt8(ascii: "C"))) else {
            return "XX000"
        }
        return unsafe String(cString: field)
    }
}
#endif
