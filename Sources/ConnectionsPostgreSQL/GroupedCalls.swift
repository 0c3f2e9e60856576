#if PostgreSQL
import Connections
import NIOPosix
import Synchronization

/// Calls of one kind. Those that wait at the same time are performed together, on a few threads of a pool.
///
/// A call that no thread has taken up within the time of a transaction fails with `.timedOut`.
final class GroupedCalls<Input: Sendable, Output: Sendable>: Sendable {
    /// Performs calls together.
    ///
    /// - Returns: the result of each.
    typealias Perform =
        @Sendable (_ inputs: [Input], _ deadline: ContinuousClock.Instant) -> [Result<Output, any Error>]
    typealias Answer = @Sendable (Result<Output, any Error>) -> Void

    private struct Waiting: Sendable {
        let input: Input
        let submitted: ContinuousClock.Instant
        let answer: Answer
    }

    private struct State {
        var waiting: [Waiting] = []
        /// Jobs of the pool that are submitted or running.
        var threadCount = 0
    }

    private let threads: NIOThreadPool
    private let threadLimit: Int
    private let groupLimit: Int
    private let waitingLimit: Int
    private let perform: Perform
    private let state = Mutex(State())

    /// - Parameters:
    ///   - threadLimit: the largest number of threads. A small one lets calls gather.
    ///   - groupLimit: how many calls are performed together at most.
    ///   - waitingLimit: more calls than so many are rejected with `.unavailable`, kind `.busy`.
    init(
        _ threads: NIOThreadPool, threadLimit: Int, groupLimit: Int, waitingLimit: Int,
        perform: @escaping Perform
    ) {
        self.threads = threads
        self.threadLimit = threadLimit
        self.groupLimit = groupLimit
        self.waitingLimit = waitingLimit
        self.perform = perform
    }

    /// Calls that wait for a thread.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    func result(of input: Input) async throws -> Output {
        try await withCheckedContinuation { continuation in
            add(input) { continuation.resume(returning: $0) }
        }.get()
    }

    /// - Parameter answer: is called once, on a thread that other calls wait for.
    func add(_ input: Input, _ answer: @escaping Answer) {
        let needsThread = state.withLock { state -> Bool? in
            guard state.waiting.count < waitingLimit else { return nil }
            state.waiting.append(Waiting(input: input, submitted: .now, answer: answer))
            guard state.threadCount < threadLimit else { return false }
            state.threadCount += 1
            return true
        }
        guard let needsThread else {
            answer(.failure(StoreError.unavailable(reason: "too many calls wait", kind: .busy)))
            return
        }
        if needsThread { submit() }
    }

    private func submit() {
        // A pool that was shut down calls it, too, and says so.
        threads.submit { self.work(isActive: $0 == .active) }
    }

    /// Performs one group. The next group is submitted as a new job, so that other work gets the thread in between.
    private func work(isActive: Bool) {
        let group = next()
        if isActive {
            answer(group)
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
            let group = Array(state.waiting.prefix(groupLimit))
            state.waiting.removeFirst(group.count)
            return group
        }
    }

    private func answer(_ group: [Waiting]) {
        let start = ContinuousClock.now
        let timeout = PostgreSQLConnectionStore.timeout
        // Those that waited longest come first.
        let late = group.prefix { $0.submitted.duration(to: start) >= timeout }
        for waiting in late { waiting.answer(.failure(DatabaseSessionError.timedOut)) }
        let inTime = group.dropFirst(late.count)
        guard !inTime.isEmpty else { return }
        let results = perform(inTime.map(\.input), start + timeout)
        for (waiting, result) in zip(inTime, results) { waiting.answer(result) }
    }
}
#endif
