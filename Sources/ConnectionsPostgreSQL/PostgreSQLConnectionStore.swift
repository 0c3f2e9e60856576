#if PostgreSQL
package import Connections
import NIOPosix
package import StateTokens

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
    private let credentialReads: CredentialReads
    private let claims: GroupedWrites<NextClaim>
    private let finishes: GroupedWrites<FlowFinish>
    private let connectionCount: Int
    package let subscriptions: WebhookSubscriptions

    /// Connects when it is first used, so that a server that is away keeps no replica from starting.
    ///
    /// - Parameters:
    ///   - connectionCount: how many connections there are at most.
    ///   - subscriptions: who is told of changes.
    package init(
        _ address: ServerAddress, connectionCount: Int = 8, clock: ServerClock = .server,
        subscriptions: WebhookSubscriptions = .none
    ) {
        self.subscriptions = subscriptions
        precondition(connectionCount > 0, "a store needs a connection")
        self.clock = clock
        self.connectionCount = connectionCount
        let migration = Migration {
            let session = try DatabaseSession(address)
            try SessionSettings.apply(to: session)
            try Schema.migrate(session)
        }
        sessions = SessionPool {
            let session = try DatabaseSession(address)
            try SessionSettings.apply(to: session)
            if try !Schema.pending(session).isEmpty { try migration.wait(for: Self.timeout) }
            return session
        }
        threads = NIOThreadPool(numberOfThreads: connectionCount)
        threads.start()
        // For each kind of group at most two threads: one group is sent while the other is synced. With fewer than 8
        // connections it is one, so that other work gets a thread.
        let threadLimit = max(1, min(2, connectionCount / 4))
        credentialReads = CredentialReads(threads, sessions, threadLimit: threadLimit)
        claims = GroupedWrites(threads, sessions, threadLimit: threadLimit) { claims, session, deadline in
            try PostgreSQLTransaction(session, clock, isWriting: true, isGrouped: true, by: deadline)
                .write(claims, in: session)
        }
        finishes = GroupedWrites(threads, sessions, threadLimit: threadLimit) { finishes, session, deadline in
            try PostgreSQLTransaction(session, clock, isWriting: true, isGrouped: true, by: deadline)
                .write(finishes, in: session)
        }
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

    package var load: StorePoolLoad {
        StorePoolLoad(
            inUseCount: sessions.inUseCount,
            waitingCount: sessions.waitingCount + credentialReads.waitingCount + claims.waitingCount
                + finishes.waitingCount, limit: connectionCount)
    }

    /// Runs `body` on a thread of the pool. A cancelled task does not abandon what has begun.
    private func run<Value: Sendable>(
        _ body: @escaping @Sendable (SessionPool) throws -> Value
    ) async throws(StoreError) -> Value {
        let submitted = ContinuousClock.now
        sessions.beginWaiting()
        let task = Task { [threads, sessions] in
            try await threads.runIfActive {
                sessions.endWaiting()
                guard submitted.duration(to: .now) < Self.timeout else { throw DatabaseSessionError.timedOut }
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
    package func credentials(
        of id: ConnectionID, workspaceID: String
    ) async throws(StoreError) -> SealedConnection? {
        guard workspaceID.isStorable else { return nil }
        do {
            return try await credentialReads.read(id, workspaceID: workspaceID)
        } catch {
            throw StoreError(translating: error)
        }
    }

    package func readCredentials(
        of id: ConnectionID, workspaceID: String, _ finish: @escaping @Sendable (SealedConnection?) -> Void
    ) -> Bool {
        guard workspaceID.isStorable else { return false }
        credentialReads.read(id, workspaceID: workspaceID) { result in
            switch result {
            case .success(let connection): finish(connection)
            case .failure: finish(nil)
            }
        }
        return true
    }

    package func claim(
        flow: FlowID, codeHash: CodeHash, owner: LeaseOwner, lease: Duration, keep: Duration,
        subject: FlowSubject?
    ) async throws(StoreError) -> ClaimResult {
        let next = nextClaim(
            of: flow, codeHash: codeHash, owner: owner, lease: lease, keep: keep, subject: subject)
        // Nearly every claim is the flow's first.
        if try await grouped(next, claims) == true { return .claimed }
        return try await claimAlone(next)
    }

    package func finish(
        flow: FlowID, owner: LeaseOwner, as ending: FlowEnding, note: EventNote
    ) async throws(StoreError) -> Bool {
        let finish = FlowFinish(flow: flow, owner: owner, ending: ending, note: note, publisher: publisher)
        // A renewal reads what it renews, while others would wait for it.
        if case .renewed = ending { return try await finishAlone(finish) }
        if let isOwner = try await grouped(finish, finishes) { return isOwner }
        return try await finishAlone(finish)
    }

    /// - Returns: `nil` if nothing was written with others.
    private func grouped<Write: Sendable>(
        _ write: Write, _ writes: GroupedWrites<Write>
    ) async throws(StoreError) -> Bool? {
        do {
            return try await writes.write(write)
        } catch {
            throw StoreError(translating: error)
        }
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (PostgreSQLTransaction) throws -> Value
    ) async throws(StoreError) -> Value {
        try await write(within: Self.timeout, limits: nil, body)
    }

    /// What its statements may take is said to the server, too, for this transaction alone.
    package func writeLong<Value: Sendable>(
        _ body: @escaping @Sendable (PostgreSQLTransaction) throws -> Value
    ) async throws(StoreError) -> Value {
        try await write(
            within: .seconds(120),
            limits: "SET LOCAL statement_timeout = 120000; SET LOCAL lock_timeout = 30000", body)
    }

    /// - Parameter limits: a script that is run first; `nil`: the session's own limits.
    private func write<Value: Sendable>(
        within limit: Duration, limits: String?,
        _ body: @escaping @Sendable (PostgreSQLTransaction) throws -> Value
    ) async throws(StoreError) -> Value {
        try await run { [clock] sessions in
            let deadline = ContinuousClock.now + limit
            while true {
                do {
                    return try sessions.withSession { session, wasIdle in
                        try Self.transact(session, wasIdle, deadline, limits, clock, body)
                    }
                } catch let failure as DatabaseSessionError
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
                        } catch DatabaseSessionError.disconnected where wasIdle {
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
        _ session: DatabaseSession, _ wasIdle: Bool, _ deadline: ContinuousClock.Instant, _ limits: String?,
        _ clock: ServerClock, _ body: (PostgreSQLTransaction) throws -> Value
    ) throws -> Value {
        let transaction = PostgreSQLTransaction(session, clock, isWriting: true, by: deadline)
        do {
            try transaction.begin(limits: limits)
            let value = try body(transaction)
            try transaction.commit()
            return value
        } catch DatabaseSessionError.disconnected where wasIdle && !transaction.isBegun {
            throw LostWhileIdle()
        } catch {
            session.rollBack()
            throw error
        }
    }
}

/// A session that lay idle was lost before anything was done with it: another one may do.
struct LostWhileIdle: Error {}
#endif
