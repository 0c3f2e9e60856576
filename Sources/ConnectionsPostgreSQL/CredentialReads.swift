#if PostgreSQL
import Connections
import NIOPosix
import Synchronization

/// Reads of credentials: those that wait at the same time are sent together over one session.
///
/// One by one each would cost a thread of its own, and the way to the server and back. Each read sees what was committed
/// before it was sent. Nothing is kept, and a failure of one is no failure of the others.
final class CredentialReads: Sendable {
    private struct Read: Sendable {
        let id: ConnectionID
        let workspaceID: String
        let submitted: ContinuousClock.Instant
        let finish: @Sendable (Result<SealedConnection?, any Error>) -> Void

        var parameters: [Parameter] { [.text(id.description), .text(workspaceID)] }
    }

    private struct State {
        var waiting: [Read] = []
        /// Jobs of the pool that are submitted or running.
        var threadCount = 0
    }

    private static let mostAtOnce = 128

    private let threads: NIOThreadPool
    private let sessions: SessionPool
    private let threadLimit: Int
    private let waitingLimit: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - threadLimit: the largest number of threads. A small one lets reads gather.
    ///   - waitingLimit: more reads than so many are rejected with `.unavailable`, kind `.busy`.
    init(
        _ threads: NIOThreadPool, _ sessions: SessionPool, threadLimit: Int, waitingLimit: Int = 8_192
    ) {
        self.threads = threads
        self.sessions = sessions
        self.threadLimit = threadLimit
        self.waitingLimit = waitingLimit
    }

    /// Reads that wait for a thread.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    func read(_ id: ConnectionID, workspaceID: String) async throws -> SealedConnection? {
        try await withCheckedContinuation { answer in
            read(id, workspaceID: workspaceID) { answer.resume(returning: $0) }
        }.get()
    }

    /// - Parameter finish: is called once, on a thread that other reads wait for.
    func read(
        _ id: ConnectionID, workspaceID: String,
        _ finish: @escaping @Sendable (Result<SealedConnection?, any Error>) -> Void
    ) {
        let read = Read(id: id, workspaceID: workspaceID, submitted: .now, finish: finish)
        let needsThread = state.withLock { state -> Bool? in
            guard state.waiting.count < waitingLimit else { return nil }
            state.waiting.append(read)
            guard state.threadCount < threadLimit else { return false }
            state.threadCount += 1
            return true
        }
        guard let needsThread else {
            finish(.failure(StoreError.unavailable(reason: "too many reads wait", kind: .busy)))
            return
        }
        if needsThread { submit() }
    }

    private func submit() {
        // A pool that was shut down calls it, too, and says so.
        threads.submit { self.work(isActive: $0 == .active) }
    }

    /// Reads one group. The next group is submitted as a new job, so that other work gets the thread in between.
    private func work(isActive: Bool) {
        let reads = next()
        let answers = isActive ? answer(reads) : failures(reads, DatabaseSessionError.timedOut)
        for (read, answer) in zip(reads, answers) { read.finish(answer) }
        let goesOn = state.withLock { state in
            if state.waiting.isEmpty { state.threadCount -= 1 }
            return !state.waiting.isEmpty
        }
        if goesOn { submit() }
    }

    private func next() -> [Read] {
        state.withLock { state in
            let reads = Array(state.waiting.prefix(Self.mostAtOnce))
            state.waiting.removeFirst(reads.count)
            return reads
        }
    }

    private func answer(_ reads: [Read]) -> [Result<SealedConnection?, any Error>] {
        let start = ContinuousClock.now
        let timeout = PostgreSQLConnectionStore.timeout
        // Those that waited longest come first.
        let late = reads.prefix { $0.submitted.duration(to: start) >= timeout }
        let inTime = reads.dropFirst(late.count)
        let failed = failures(Array(late), DatabaseSessionError.timedOut)
        guard !inTime.isEmpty else { return failed }
        do {
            let results = try ask(inTime.map(\.parameters), by: start + timeout)
            return failed + results.map { result in Result { try Self.connection(in: result) } }
        } catch DatabaseSessionError.refused where inTime.count > 1 {
            return failed + inTime.flatMap { answer([$0]) }
        } catch {
            return failed + failures(Array(inTime), error)
        }
    }

    private func failures(
        _ reads: [Read], _ error: any Error
    ) -> [Result<SealedConnection?, any Error>] {
        reads.map { _ in .failure(error) }
    }

    private func ask(
        _ parameters: [[Parameter]], by deadline: ContinuousClock.Instant
    ) throws -> [QueryResult] {
        while true {
            do {
                return try sessions.withSession { session, wasIdle in
                    do {
                        return try session.execute(
                            PostgreSQLTransaction.sealedConnection, withEach: parameters, by: deadline)
                    } catch DatabaseSessionError.disconnected where wasIdle {
                        throw LostWhileIdle()
                    }
                }
            } catch is LostWhileIdle {
                continue
            }
        }
    }

    private static func connection(in result: QueryResult) throws -> SealedConnection? {
        guard let values = result.values.first else { return nil }
        var row = ColumnReader(SealedRecord.columns, values)
        return try StoreError.translate { () throws(RowFault) in try SealedRecord(&row) }.sealedConnection
    }
}
#endif
