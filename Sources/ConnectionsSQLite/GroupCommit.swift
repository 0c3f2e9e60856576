import Connections
import GRDB
import Synchronization

/// Writes that wait at the same time share one transaction, and so one sync of the disk.
///
/// Each caller is answered after the commit that covers its write. In a group each write has a savepoint: one that fails is
/// undone and fails its own caller. A group that cannot be committed as a whole is done again, one write at a time, unless
/// the file is at fault: then each would fail, after waiting as long as the group did, and all are told at once.
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
    private let waitingLimit: Int
    private let state = Mutex(State())

    /// - Parameter waitingLimit: how many writes may wait for those before them.
    init(_ pool: DatabasePool, _ clock: DatabaseClock, _ file: DatabaseFile, waitingLimit: Int = 4_096) {
        self.pool = pool
        self.clock = clock
        self.file = file
        self.waitingLimit = waitingLimit
    }

    func add(_ write: Write) {
        let isFirst = state.withLock { state -> Bool? in
            guard state.waiting.count < waitingLimit else { return nil }
            state.waiting.append(write)
            defer { state.isWriting = true }
            return !state.isWriting
        }
        guard let isFirst else {
            write.fail(StoreError.unavailable(reason: "too many writes wait for the file", kind: .busy))
            return
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

    /// - Returns: what is wrong with the file, if that failed the group.
    @discardableResult
    private func commit(_ group: [Write], in database: Database) -> (any Error)? {
        // These come before any that are added from now on.
        let waitingCount = state.withLock { $0.waiting.count }
        do {
            for answer in try transact(group, in: database) { answer() }
            return nil
        } catch {
            let isLocked = Self.isLocked(error)
            if isLocked || Self.isOfFile(error) {
                // Those that waited as long for the lock have waited long enough, too.
                let late = isLocked ? take(waitingCount) : []
                for write in group + late { write.fail(error) }
                return error
            }
            if group.count == 1 {
                for write in group { write.fail(error) }
            } else {
                commitAlone(group, in: database)
            }
            return nil
        }
    }

    private func commitAlone(_ group: [Write], in database: Database) {
        var rest = group[...]
        while let write = rest.popFirst() {
            guard let outage = commit([write], in: database) else { continue }
            for write in rest { write.fail(outage) }
            return
        }
    }

    private static func isLocked(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        return error.resultCode == .SQLITE_BUSY || error.resultCode == .SQLITE_LOCKED
    }

    /// Whether the file takes no write, whatever is to be written.
    private static func isOfFile(_ error: any Error) -> Bool {
        switch error {
        case let error as DatabaseError:
            switch error.resultCode {
            case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PROTOCOL: true
            default: false
            }
        case StoreError.unavailable(_, kind: .moved): true
        default: false
        }
    }

    private func take(_ count: Int) -> [Write] {
        state.withLock { state in
            let taken = Array(state.waiting.prefix(count))
            state.waiting.removeFirst(taken.count)
            return taken
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
        // By statements that stay prepared; GRDB prepares its own each time.
        try database.write("SAVEPOINT one_of_group", [])
        do {
            let answer = try write.perform(transaction(in: database))
            try database.write("RELEASE one_of_group", [])
            return answer
        } catch {
            // SQLite may have undone the whole transaction, as on a full disk.
            guard database.isInsideTransaction else { throw error }
            try database.write("ROLLBACK TO one_of_group", [])
            try database.write("RELEASE one_of_group", [])
            return { write.fail(error) }
        }
    }

    private func transaction(in database: Database) throws -> SQLiteTransaction {
        SQLiteTransaction(database, at: try clock.now(in: database), of: file)
    }
}
