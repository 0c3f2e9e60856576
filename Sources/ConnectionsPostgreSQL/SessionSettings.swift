#if PostgreSQL
import Connections

/// What every session is set to, and what it must find.
enum SessionSettings {
    /// The server ends what this side gave up, and frees the locks of a replica that has died.
    private static let limits = """
        SET statement_timeout = 5000;
        SET lock_timeout = 4000;
        SET idle_in_transaction_session_timeout = 10000;
        """

    /// A commit must be on the disk before its caller goes on, or else a claim that a power cut undoes is
    /// sent twice. What is stronger stays.
    private static let durability = """
        SELECT set_config('synchronous_commit',
            CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END,
            false)
        """

    private static let state = """
        SELECT current_setting('synchronous_commit'), pg_is_in_recovery()::text
        """

    static func apply(to session: Session) throws {
        let deadline = ContinuousClock.now + PostgreSQLConnectionStore.timeout
        try session.run(script: limits, by: deadline)
        _ = try session.execute(durability, by: deadline)
        guard let columns = try session.execute(state, by: deadline).rows.first else {
            throw StoreError.unavailable(reason: "PostgreSQL does not say how it stands")
        }
        var row = RowReader(columns)
        guard ["on", "remote_apply"].contains(try row.text()) else {
            throw StoreError.unavailable(reason: "PostgreSQL does not turn synchronous_commit on")
        }
        guard try row.text() == "false" else {
            throw DatabaseFailure.disconnected(reason: "the server is a standby, which takes no writes")
        }
    }
}
#endif
