#if PostgreSQL
import Connections

/// What every session is set to, and what it must find.
///
/// Behind a pooler a session belongs to others as well, so that nothing is set for longer than a transaction there.
enum SessionSettings {
    private static let parameters = [
        // The server ends what this side gave up, and frees the locks of a replica that has died.
        ("statement_timeout", "5000"), ("lock_timeout", "4000"),
        ("idle_in_transaction_session_timeout", "10000"),
        // A session plans its foreign keys' look-ups once. Planned on an almost empty table, they would read the whole table
        // even after it has grown. Every statement here has an index.
        ("enable_seqscan", "off"),
        // These statements take less time than to compile them.
        ("jit", "off"),
    ]

    /// A commit must be on the disk before its caller goes on, or else a claim that a power cut undoes is
    /// sent twice. What is stronger stays.
    ///
    /// - Parameter isLocal: for the current transaction alone.
    private static func durability(isLocal: Bool) -> String {
        """
        SELECT set_config('synchronous_commit',
            CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END,
            \(isLocal))
        """
    }

    static let beginning = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"

    /// For grouped transactions: a write that waits 250 ms for a lock fails its group, and each write is repeated alone.
    static let groupLimit = "SET LOCAL lock_timeout = 250"

    private static let pooledBegin =
        ([beginning] + parameters.map { "SET LOCAL \($0) = \($1)" } + [durability(isLocal: true)]).joined(
            separator: "; ")

    static func apply(to session: DatabaseSession) throws {
        let deadline = ContinuousClock.now + PostgreSQLConnectionStore.timeout
        // As a script, which leaves no prepared statement with a pooler.
        let state = try session.run(
            script: "SELECT pg_backend_pid()::text, pg_is_in_recovery()::text", by: deadline)
        var row = RowReader(state.rows.first ?? [])
        session.findPooler(processID: try row.octets())
        guard try row.text() == "false" else {
            throw DatabaseSessionError.disconnected(reason: "the server is a standby, which takes no writes")
        }
        guard !session.isPooled else { return }
        let script = parameters.map { "SET \($0) = \($1)" } + [durability(isLocal: false)]
        try requireDurability(session.run(script: script.joined(separator: "; "), by: deadline))
    }

    /// Begins a transaction that writes.
    static func begin(_ session: DatabaseSession, by deadline: ContinuousClock.Instant) throws {
        if session.isPooled {
            try requireDurability(session.run(script: pooledBegin, by: deadline))
        } else {
            _ = try session.execute(beginning, by: deadline)
        }
    }

    /// - Parameter result: of ``durability(isLocal:)``.
    private static func requireDurability(_ result: QueryResult) throws {
        var row = RowReader(result.rows.first ?? [])
        guard ["on", "remote_apply"].contains(try row.text()) else {
            throw StoreError.unavailable(reason: "PostgreSQL does not turn synchronous_commit on")
        }
    }
}
#endif
