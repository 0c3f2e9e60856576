#if PostgreSQL
import Connections
import NIOPosix

/// Reads of credentials: those that wait at the same time are sent together over one session.
///
/// One by one each would cost a thread of its own, and the way to the server and back. Each read sees what was committed
/// before it was sent. Nothing is kept, and a failure of one is no failure of the others.
final class CredentialReads: Sendable {
    private struct Key: Sendable {
        let id: ConnectionID
        let workspaceID: String

        var parameters: [Parameter] { [.text(id.description), .text(workspaceID)] }
    }

    private let calls: GroupedCalls<Key, SealedConnection?>

    /// - Parameters:
    ///   - threadLimit: the largest number of threads. A small one lets reads gather.
    ///   - waitingLimit: more reads than so many are rejected with `.unavailable`, kind `.busy`.
    init(
        _ threads: NIOThreadPool, _ sessions: SessionPool, threadLimit: Int, waitingLimit: Int = 8_192
    ) {
        calls = GroupedCalls(
            threads, threadLimit: threadLimit, groupLimit: 128, waitingLimit: waitingLimit
        ) { keys, deadline in Self.read(keys, in: sessions, by: deadline) }
    }

    /// Reads that wait for a thread.
    var waitingCount: Int { calls.waitingCount }

    func read(_ id: ConnectionID, workspaceID: String) async throws -> SealedConnection? {
        try await calls.result(of: Key(id: id, workspaceID: workspaceID))
    }

    /// - Parameter finish: is called once, on a thread that other reads wait for.
    func read(
        _ id: ConnectionID, workspaceID: String,
        _ finish: @escaping @Sendable (Result<SealedConnection?, any Error>) -> Void
    ) {
        calls.add(Key(id: id, workspaceID: workspaceID), finish)
    }

    private static func read(
        _ keys: [Key], in sessions: SessionPool, by deadline: ContinuousClock.Instant
    ) -> [Result<SealedConnection?, any Error>] {
        do {
            return try ask(keys.map(\.parameters), in: sessions, by: deadline).map { result in
                Result { try connection(in: result) }
            }
        } catch DatabaseSessionError.refused where keys.count > 1 {
            return keys.flatMap { read([$0], in: sessions, by: deadline) }
        } catch {
            return keys.map { _ in .failure(error) }
        }
    }

    private static func ask(
        _ parameters: [[Parameter]], in sessions: SessionPool, by deadline: ContinuousClock.Instant
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
