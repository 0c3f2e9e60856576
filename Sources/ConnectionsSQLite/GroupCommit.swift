import Connections
import GRDB
import Synchronization

/// Writes that wait at the same time share one transaction, and so one sync of the disk.
///
/// Each caller is answered after the commit that covers its write. In a group each write has a savepoint: one that fails is
/// undone and fails its own caller. A group that cannot be committed as a whole is done again, one write at a time.
final class GroupCommit: Sendable {
    struct Write: Sendable {
        /// Does it, and returns what tells its caller; it may be done twice, after all of the first time is undone.
        let perform: @Sendable (SQLiteTransaction) throws -> @Sendable () -> Void
        let fail: @Sendable (any Error) -> Void
    }

    private struct State {
        var waiting: [Write] = []
        var isWriting = false
    }

    /// So few that the first does not wait long for the last.
    private static let most = 64

    private let pool: DatabasePool
    private let clock: DatabaseClock
    private let file: DatabaseFile
    private let state = Mutex(State())

    init(_ pool: DatabasePool, _ clock: DatabaseClock, _ file: DatabaseFile) {
        self.pool = pool
        self.clock = clock
        self.file = file
    }

    func add(_ write: Write) {
        let isFirst = state.withLock { state in
            state.waiting.append(write)
            defer { state.isWriting = true }
            return !state.isWriting
        }
        guard isFirst else { return }
        pool.asyncWriteWithoutTransaction { [self] database in
            while let group = next() { commit(group, in: database) }
        }
    }

    private func next() -> [Write]? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isWriting = false
                return nil
            }
            let group = Array(state.waiting.prefix(Self.most))
            state.waiting.removeFirst(group.count)
            return group
        }
    }

    private func commit(_ group: [Write], in database: Database) {
        do {
            for answer in try transact(group, in: database) { answer() }
        } catch {
            guard group.count > 1 else {
                for write in group { write.fail(error) }
                return
            }
            for write in group { commit([write], in: database) }
        }
    }

    /// - Returns: what tells each caller, now that it is committed.
    private func transact(
        _ group: [Write], in database: Database
    ) throws -> [@Sendable () -> Void] {
        var answers: [@Sendable () -> Void] = []
        try database.inTransaction(.immediate) {
            for write in group {
                answers.append(
                    group.count == 1
                        ? try write.perform(transaction(in: database))
                        : try undoingAlone(write, in: database))
            }
            // Last, so that a commit goes nowhere but where the path leads.
            try file.requireInPlace()
            return .commit
        }
        return answers
    }

    private func undoingAlone(
        _ write: Write, in database: Database
    ) throws -> @Sendable () -> Void {
        var answer: (@Sendable () -> Void)?
        var failure: (any Error)?
        do {
            try database.inSavepoint {
                answer = try write.perform(transaction(in: database))
                return .commit
            }
        } catch {
            // SQLite may have undone the whole transaction, as on a full disk.
            guard database.isInsideTransaction else { throw error }
            failure = error
        }
        if let answer, failure == nil { return answer }
        let error = failure ?? StoreError.unavailable(reason: "a write was not done")
        return { write.fail(error) }
    }

    private func transaction(in database: Database) throws -> SQLiteTransaction {
        SQLiteTransaction(database, at: try clock.now(in: database), of: file)
    }
}
