import Connections
import Synchronization

/// The look-ups of a store, as many as threads ask at once.
///
/// A look-up finds its pages in memory as a rule, and takes some microseconds. One that had to wait for a disk held its
/// thread up; for a while after it nothing is looked up here, and callers ask by way of the store's own threads.
final class RowLookups: Sendable {
    private struct State {
        /// The last one used is the first one used again.
        var idle: [IdleLookup] = []
        var resumesAt = ContinuousClock.now
        var isClosed = false
    }

    private static let longestWait = Duration.milliseconds(2)
    private static let pause = Duration.milliseconds(20)

    private let path: String
    private let sql: String
    private let state = Mutex(State())

    init(path: String, sql: String) {
        self.path = path
        self.sql = sql
    }

    /// What ``RowLookup/values(id:workspaceID:)`` gives; `nil` while the disk is slow.
    func values(id: String, workspaceID: String) -> [StoredValue]? {
        look { $0.values(id: id, workspaceID: workspaceID) }
    }

    /// What ``RowLookup/hasRow(id:)`` gives; `nil` while the disk is slow.
    func hasRow(id: [UInt8]) -> Bool? { look { $0.hasRow(id: id) } }

    private func look<Value>(_ body: (RowLookup) -> Value?) -> Value? {
        let start = ContinuousClock.now
        let (mayLookUp, found) = state.withLock { state in
            guard !state.isClosed, state.resumesAt <= start else { return (false, IdleLookup?.none) }
            return (true, state.idle.popLast())
        }
        guard mayLookUp, let lookup = found?.lookup ?? RowLookup(path: path, sql: sql) else { return nil }
        let value = body(lookup)
        put(lookup, since: start)
        return value
    }

    private func put(_ lookup: RowLookup, since start: ContinuousClock.Instant) {
        let now = ContinuousClock.now
        let idle = IdleLookup(lookup: lookup)
        state.withLock { state in
            if start.duration(to: now) > Self.longestWait { state.resumesAt = now + Self.pause }
            if !state.isClosed { state.idle.append(idle) }
        }
    }

    /// Closes the handles, before the store closes those that write: the last one to close writes the WAL back.
    func close() {
        let closed = state.withLock { state in
            state.isClosed = true
            defer { state.idle = [] }
            return state.idle
        }
        _ = consume closed
    }
}

/// A look-up that is not in use.
// Sendable without a check, and safe: SQLite wants one thread at a time in a handle, and this one lies in the list, under its
// lock, from the moment that one thread is done with it to the moment that another takes it.
private struct IdleLookup: @unchecked Sendable {
    let lookup: RowLookup
}
