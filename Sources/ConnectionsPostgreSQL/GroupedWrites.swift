#if PostgreSQL
import Connections
import NIOPosix

/// Groups writes of one kind. Those that wait at the same time share one transaction: one round trip or two, and one sync of
/// the server's disk.
///
/// Each caller gets its result after the commit. If the server rejects a group, nothing is written, and each caller writes
/// alone, so that a failure affects one caller. If the server can run no transaction, all callers get the error.
final class GroupedWrites<Write: Sendable>: Sendable {
    /// Does writes in one transaction and commits it.
    ///
    /// - Returns: the result of each write; `.success(nil)` if its caller must write alone.
    typealias Perform =
        @Sendable (_ writes: [Write], DatabaseSession, _ deadline: ContinuousClock.Instant) throws ->
        [Result<Bool?, any Error>]

    /// For the query that tests an idle session.
    private static var probeTimeout: Duration { .milliseconds(500) }

    private let calls: GroupedCalls<Write, Bool?>

    /// - Parameter threadLimit: the largest number of threads. A small one lets writes gather.
    init(
        _ threads: NIOThreadPool, _ sessions: SessionPool, threadLimit: Int, perform: @escaping Perform
    ) {
        calls = GroupedCalls(threads, threadLimit: threadLimit, groupLimit: 64, waitingLimit: 4_096) {
            writes, deadline in
            do {
                return try Self.written(writes, in: sessions, by: deadline, perform)
            } catch let error as DatabaseSessionError where error.isRefusal && !error.affectsAllWrites {
                return writes.map { _ in .success(nil) }
            } catch {
                return writes.map { _ in .failure(error) }
            }
        }
    }

    /// Writes that wait for a thread.
    var waitingCount: Int { calls.waitingCount }

    /// - Returns: `nil` if nothing was written, and the caller is to write alone.
    func write(_ write: Write) async throws -> Bool? { try await calls.result(of: write) }

    private static func written(
        _ writes: [Write], in sessions: SessionPool, by deadline: ContinuousClock.Instant, _ perform: Perform
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
                            _ = try session.execute("SELECT 1", by: min(deadline, .now + probeTimeout))
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
