#if PostgreSQL
import Connections
import NIOPosix
import Synchronization

/// Writes of one kind: those that wait at the same time share one transaction, and so the way to the server and one sync of
/// its disk.
///
/// Each caller is answered after the commit that covers its write. A group that the server refuses is undone, and each of its
/// callers writes alone then, so that one failure fails its own caller and no other.
final class GroupedWrites<Write: Sendable>: Sendable {
    private struct Waiting: Sendable {
        let write: Write
        let submitted: ContinuousClock.Instant
        let answer: @Sendable (Result<Bool?, any Error>) -> Void
    }

    private struct State {
        var waiting: [Waiting] = []
        /// How many threads are at it.
        var threadCount = 0
    }

    private static var mostAtOnce: Int { 64 }
    /// For the look whether a session that lay idle is still there.
    private static var probeTimeout: Duration { .milliseconds(500) }

    private let threads: NIOThreadPool
    private let sessions: SessionPool
    private let threadLimit: Int
    private let waitingLimit: Int
    private let perform: Perform
    private let state = Mutex(State())

    /// Does writes in one transaction and commits it.
    ///
    /// - Returns: for each write what it comes to, `nil` where it is to be done alone.
    typealias Perform =
        @Sendable (_ writes: [Write], DatabaseSession, _ deadline: ContinuousClock.Instant) throws ->
        [Result<Bool?, any Error>]

    /// - Parameters:
    ///   - threadLimit: how many threads are at it at most, so few that writes gather while others are on their way.
    ///   - waitingLimit: how many writes may wait for those before them.
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

    /// How many writes no thread has taken up.
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

    /// Writes one group. The next one waits for a thread like all that wants one, and so keeps none of it away.
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
        } catch let error as DatabaseSessionError where error.isRefusal && !error.isOfServer {
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
                    // What a pooler's session is set to is set in each transaction, by statements of its own.
                    guard !session.isPooled else { return writes.map { _ in .success(nil) } }
                    // A group is often sent whole with its commit: then it could not be told what was done of it.
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
