#if PostgreSQL
import Connections
import NIOPosix
import Synchronization

/// Groups writes of one kind. Those that wait at the same time share one transaction: one round trip or two, and one sync of
/// the server's disk.
///
/// Each caller gets its result after the commit. If the server rejects a group, nothing is written, and each caller writes
/// alone, so that a failure affects one caller. If the server can run no transaction, all callers get the error.
final class GroupedWrites<Write: Sendable>: Sendable {
    private struct Waiting: Sendable {
        let write: Write
        let submitted: ContinuousClock.Instant
        let answer: @Sendable (Result<Bool?, any Error>) -> Void
    }

    private struct State {
        var waiting: [Waiting] = []
        /// Jobs of the pool that are submitted or running.
        var threadCount = 0
    }

    private static var mostAtOnce: Int { 64 }
    /// For the query that tests an idle session.
    private static var probeTimeout: Duration { .milliseconds(500) }

    private let threads: NIOThreadPool
    private let sessions: SessionPool
    private let threadLimit: Int
    private let waitingLimit: Int
    private let perform: Perform
    private let state = Mutex(State())

    /// Does writes in one transaction and commits it.
    ///
    /// - Returns: the result of each write; `.success(nil)` if its caller must write alone.
    typealias Perform =
        @Sendable (_ writes: [Write], DatabaseSession, _ deadline: ContinuousClock.Instant) throws ->
        [Result<Bool?, any Error>]

    /// - Parameters:
    ///   - threadLimit: the largest number of threads. A small one lets writes gather.
    ///   - waitingLimit: more writes than so many are rejected with `.unavailable`, kind `.busy`.
    init(
        _ threads: NIOThreadPool, _ sessions: SessionPool, threadLimit: Int, waitingLimit: Int = 4_096,
        perform: @escaping Perform
    ) {
        self.threads = threads
        self.sessions = sessions
        self.threadLimit = threadLimit
        self.waitingLimit = waitingLimit
        self.perform = perform
    }

    /// Writes that wait for a thread.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    /// - Returns: `nil` if nothing was written, and the caller is to write alone.
    func write(_ write: Write) async throws -> Bool? {
        try await withCheckedContinuation { continuation in
            add(Waiting(write: write, submitted: .now, answer: { continuation.resume(returning: $0) }))
        }.get()
    }

    private func add(_ waiting: Waiting) {
        let needsThread = state.withLock { state -> Bool? in
            guard state.waiting.count < waitingLimit else { return nil }
            state.waiting.append(waiting)
            guard state.threadCount < threadLimit else { return false }
            state.threadCount += 1
            return true
        }
        guard let needsThread else {
            waiting.answer(.failure(StoreError.unavailable(reason: "too many writes wait", kind: .busy)))
            return
        }
        if needsThread { submit() }
    }

    private func submit() {
        // A pool that was shut down calls it, too, and says so.
        threads.submit { self.work(isActive: $0 == .active) }
    }

    /// Writes one group. The next group is submitted as a new job, so that other work gets the thread in between.
    private func work(isActive: Bool) {
        let group = next()
        if isActive {
            commit(group)
        } else {
            for waiting in group { waiting.answer(.failure(NIOThreadPoolError.ThreadPoolInactive())) }
        }
        let goesOn = state.withLock { state in
            if state.waiting.isEmpty { state.threadCount -= 1 }
            return !state.waiting.isEmpty
        }
        if goesOn { submit() }
    }

    private func next() -> [Waiting] {
        state.withLock { state in
            let group = Array(state.waiting.prefix(Self.mostAtOnce))
            state.waiting.removeFirst(group.count)
            return group
        }
    }

    private func commit(_ group: [Waiting]) {
        let start = ContinuousClock.now
        let timeout = PostgreSQLConnectionStore.timeout
        // Those that waited longest come first.
        let late = group.prefix { $0.submitted.duration(to: start) >= timeout }
        for waiting in late { waiting.answer(.failure(DatabaseSessionError.timedOut)) }
        let inTime = group.dropFirst(late.count)
        guard !inTime.isEmpty else { return }
        let answers: [Result<Bool?, any Error>]
        do {
            answers = try written(inTime.map(\.write), by: start + timeout)
        } catch let error as DatabaseSessionError where error.isRefusal && !error.affectsAllWrites {
            answers = inTime.map { _ in .success(nil) }
        } catch {
            answers = inTime.map { _ in .failure(error) }
        }
        for (waiting, answer) in zip(inTime, answers) { waiting.answer(answer) }
    }

    private func written(
        _ writes: [Write], by deadline: ContinuousClock.Instant
    ) throws -> [Result<Bool?, any Error>] {
        while true {
            do {
                return try sessions.withSession { session, wasIdle in
                    // Behind a pooler each transaction begins with statements of its own, so it cannot be one round trip.
                    guard !session.isPooled else { return writes.map { _ in .success(nil) } }
                    // A group of claims is sent with its COMMIT. If the connection is lost then, the outcome is unknown: so
                    // an idle session is tested first.
                    if wasIdle, session.mayBeLost {
                        do throws(DatabaseSessionError) {
                            _ = try session.execute("SELECT 1", by: min(deadline, .now + Self.probeTimeout))
                        } catch {
                            guard !error.isRefusal else { throw error }
                            throw LostWhileIdle()
                        }
                    }
                    return try perform(writes, session, deadline)
                }
            } catch is LostWhileIdle {
                continue
            }
        }
    }
}
#endif
