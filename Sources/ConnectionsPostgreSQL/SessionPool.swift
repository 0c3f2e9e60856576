#if PostgreSQL
import Synchronization

/// The sessions of a store: at most as many as threads run in it, since each takes one, uses it and puts it
/// back.
///
/// While the server is away one thread at a time tries to reach it, at intervals that grow; all others are
/// told at once that it is away, so that nothing piles up and a server that comes back is not run over.
final class SessionPool: Sendable {
    private struct State {
        /// The last one used is the first one used again: those that a quiet time does not need stay idle.
        var idle: [IdleSession] = []
        var inUseCount = 0
        var failures = 0
        /// As it came, so that all are told what the one that tried was told.
        var failure: (any Error)?
        var retriesAt = ContinuousClock.now
        var isTrying = false
        var isClosed = false
    }

    private static let longestPause = Duration.seconds(1)

    private let state = Mutex(State())
    private let waiting = Atomic<Int>(0)
    private let connect: @Sendable () throws -> DatabaseSession

    /// - Parameter connect: makes a session that is ready for use.
    init(connect: @escaping @Sendable () throws -> DatabaseSession) { self.connect = connect }

    /// Runs `body` with a session of its own.
    ///
    /// - Parameter body: gets whether the session lay idle, and so may have been lost without a word.
    func withSession<Value>(_ body: (DatabaseSession, _ wasIdle: Bool) throws -> Value) throws -> Value {
        let (session, wasIdle) = try take()
        defer { put(session) }
        return try body(session, wasIdle)
    }

    /// How many sessions are in use or being made.
    var inUseCount: Int { state.withLock(\.inUseCount) }

    /// How many calls wait for a thread, and so for a session.
    var waitingCount: Int { waiting.load(ordering: .relaxed) }

    /// Each call is followed by one of `endWaiting`.
    func beginWaiting() { waiting.wrappingAdd(1, ordering: .relaxed) }

    func endWaiting() { waiting.wrappingSubtract(1, ordering: .relaxed) }

    /// Closes what is idle, and whatever is put back from now on.
    func close() {
        let closed = state.withLock { state in
            state.isClosed = true
            return Self.takeAll(&state.idle)
        }
        // Here they go, outside the lock.
        _ = consume closed
    }

    private func take() throws -> (DatabaseSession, wasIdle: Bool) {
        let found = try state.withLock { state -> IdleSession? in
            let idle = state.idle.popLast()
            if idle == nil, let failure = state.failure {
                guard !state.isTrying, state.retriesAt <= .now else { throw failure }
                state.isTrying = true
            }
            state.inUseCount += 1
            return idle
        }
        if let found { return (found.session, true) }
        do {
            let session = try connect()
            state.withLock { state in
                state.failures = 0
                state.failure = nil
                state.isTrying = false
            }
            return (session, false)
        } catch {
            state.withLock { state in
                let pause = min(Duration.milliseconds(50 << min(state.failures, 5)), Self.longestPause)
                state.inUseCount -= 1
                state.failures += 1
                state.failure = error
                state.retriesAt = .now + pause * Double.random(in: 0.75...1)
                state.isTrying = false
            }
            throw error
        }
    }

    private func put(_ session: DatabaseSession) {
        session.markIdle()
        let lost = state.withLock { state -> [IdleSession] in
            state.inUseCount -= 1
            // What broke one has most likely broken those that lie idle.
            if session.isBroken { return Self.takeAll(&state.idle) }
            if !state.isClosed { state.idle.append(IdleSession(session: session)) }
            return []
        }
        _ = consume lost
    }

    private static func takeAll(_ sessions: inout [IdleSession]) -> [IdleSession] {
        defer { sessions = [] }
        return sessions
    }
}

/// A session that is not in use.
// Sendable without a check, and safe: libpq wants one thread at a time in a session, and this one lies in the
// pool's list, under its lock, from the moment that one thread is done with it to the moment that another takes
// it. So the lock orders the two, and no two threads ever hold it at once.
private struct IdleSession: @unchecked Sendable {
    let session: DatabaseSession
}
#endif
