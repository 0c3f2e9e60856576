#if PostgreSQL
package import Connections
import NIOPosix

/// A store in PostgreSQL, for any number of replicas.
///
/// Each call runs on a thread of its own pool, with a connection of its own, and ends in time: whatever the
/// server does, a statement that has no answer by its deadline is given up together with its connection.
package final class PostgreSQLConnectionStore: Sendable {
    /// For a whole transaction, from the moment that a thread takes it up.
    static let timeout = Duration.seconds(5)

    private let threads: NIOThreadPool
    private let sessions: SessionPool
    private let clock: ServerClock

    /// Connects when it is first used, so that a server that is away keeps no replica from starting.
    ///
    /// - Parameter connectionCount: how many connections there are at most.
    package init(_ address: ServerAddress, connectionCount: Int = 8, clock: ServerClock = .server) {
        precondition(connectionCount > 0, "a store needs a connection")
        self.clock = clock
        sessions = SessionPool {
            let session = try Session(address)
            try SessionSettings.apply(to: session)
            try Schema.migrate(session)
            return session
        }
        threads = NIOThreadPool(numberOfThreads: connectionCount)
        threads.start()
    }

    deinit {
        sessions.close()
        threads.shutdownGracefully { _ in }
    }

    /// Closes the connections when running calls have ended.
    package func close() async {
        sessions.close()
        do {
            try await threads.shutdownGracefully()
        } catch {
            // It was closed before.
        }
    }

    /// Runs `body` on a thread of the pool. A cancelled task does not abandon what has begun.
    private func run<Value: Sendable>(
        _ body: @escaping @Sendable (SessionPool) throws -> Value
    ) async throws(StoreError) -> Value {
        let submitted = ContinuousClock.now
        let task = Task { [threads, sessions] in
            try await threads.runIfActive {
                guard submitted.duration(to: .now) < Self.timeout else { throw DatabaseFailure.timedOut }
                return try body(sessions)
            }
        }
        do {
            return try await task.value
        } catch {
            throw StoreError(translating: error)
        }
    }
}

extension PostgreSQLConnectionStore: TransactionalStore {
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (PostgreSQLTransaction) throws -> Value
    ) async throws(StoreError) -> Value {
        try await run { [clock] sessions in
            let deadline = ContinuousClock.now + Self.timeout
            while true {
                do {
                    return try sessions.withSession { session, wasIdle in
                        try Self.transact(session, wasIdle, deadline, clock, body)
                    }
                } catch let failure as DatabaseFailure
                    where failure.isPassing && ContinuousClock.now < deadline
                {
                    continue
                } catch is LostWhileIdle {
                    continue
                }
            }
        }
    }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (PostgreSQLTransaction) throws -> Value
    ) async throws(StoreError) -> Value {
        try await run { [clock] sessions in
            let deadline = ContinuousClock.now + Self.timeout
            while true {
                do {
                    return try sessions.withSession { session, wasIdle in
                        do {
                            return try body(
                                PostgreSQLTransaction(session, clock, isWriting: false, by: deadline))
                        } catch DatabaseFailure.disconnected where wasIdle {
                            throw LostWhileIdle()
                        }
                    }
                } catch is LostWhileIdle {
                    continue
                }
            }
        }
    }

    private static func transact<Value>(
        _ session: Session, _ wasIdle: Bool, _ deadline: ContinuousClock.Instant, _ clock: ServerClock,
        _ body: (PostgreSQLTransaction) throws -> Value
    ) throws -> Value {
        do {
            _ = try session.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", by: deadline)
        } catch DatabaseFailure.disconnected where wasIdle {
            throw LostWhileIdle()
        }
        do {
            let value = try body(PostgreSQLTransaction(session, clock, isWriting: true, by: deadline))
            // The server answers COMMIT with ROLLBACK where a statement had failed.
            guard try session.execute("COMMIT", by: deadline).tag == "COMMIT" else {
                throw DatabaseFailure.refused(sqlState: "25P02")
            }
            return value
        } catch {
            session.rollBack()
            throw error
        }
    }
}

/// A session that lay idle was lost before anything was done with it: another one may do.
private struct LostWhileIdle: Error {}
#endif
