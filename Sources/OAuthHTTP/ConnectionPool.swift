internal import Encodings
internal import NIOCore
internal import Synchronization

/// What connections have in common that can serve the same requests.
struct Route: Hashable {
    let isSecure: Bool
    /// In lower case.
    let host: String
    let port: Int
    /// Through the operator's proxy.
    let isTunnelled: Bool
}

/// How busy a client is.
package struct ProviderLoad: Sendable, Equatable {
    /// Requests that have no response yet.
    package let requestCount: Int
    /// Connections that are kept for the next request.
    package let idleCount: Int
    package let idleLimit: Int
}

/// Keeps connections for the next request, and counts the requests in progress.
final class ConnectionPool: Sendable {
    private struct Idle {
        let connection: ProviderConnection
        let end: NIODeadline
    }

    private struct State {
        /// Of each route in the order in which they end.
        var idle: [Route: [Idle]] = [:]
        /// Whether a timer will look for connections that have been idle long enough.
        var isWatched = false
        var idleCount = 0
        var requestCount = 0
        var isShutDown = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private static let idleCountLimit = 256
    /// Shorter than servers keep a connection: the outcome of a request on one that was just closed is unknown.
    private static let idleTime: TimeAmount = .seconds(3)

    private let state = Mutex(State())

    var load: ProviderLoad {
        state.withLock { state in
            ProviderLoad(
                requestCount: state.requestCount, idleCount: state.idleCount, idleLimit: Self.idleCountLimit)
        }
    }

    // MARK: Requests

    /// Each successful call is followed by one of `endRequest`.
    func beginRequest() throws(ProviderRequestError) {
        let isOpen = state.withLock { state in
            if state.isShutDown { return false }
            state.requestCount += 1
            return true
        }
        guard isOpen else { throw .shutDown }
    }

    func endRequest() {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.requestCount -= 1
            guard state.requestCount == 0 else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    // MARK: Connections

    /// The connection that was used last, if it leads to one of the addresses that have just been checked.
    func take(_ route: Route, among addresses: [IPAddress]) -> ProviderConnection? {
        let now = NIODeadline.now()
        let (taken, dropped) = state.withLock { state -> (ProviderConnection?, [Idle]) in
            var dropped: [Idle] = []
            // In place: a copy of the list would count each connection in it.
            while let last = state.idle[route]?.popLast() {
                state.idleCount -= 1
                if last.end > now, last.connection.isOpen, last.connection.leads(toOneOf: addresses) {
                    return (last.connection, dropped)
                }
                dropped.append(last)
            }
            state.idle[route] = nil
            return (nil, dropped)
        }
        for entry in dropped { entry.connection.close() }
        return taken
    }

    func keep(_ connection: ProviderConnection, for route: Route) {
        let end = NIODeadline.now() + Self.idleTime
        let (isKept, isFirst) = state.withLock { state in
            guard !state.isShutDown, state.idleCount < Self.idleCountLimit else { return (false, false) }
            state.idle[route, default: []].append(Idle(connection: connection, end: end))
            state.idleCount += 1
            defer { state.isWatched = true }
            return (true, !state.isWatched)
        }
        // One timer for all: one for each would wake its event loop twice a request.
        if isFirst { watch(on: connection.eventLoop, until: end) }
        if !isKept { connection.close() }
    }

    private func watch(on eventLoop: any EventLoop, until end: NIODeadline) {
        eventLoop.scheduleTask(deadline: end) { [weak self] in self?.discardIdle(on: eventLoop) }
    }

    private func discardIdle(on eventLoop: any EventLoop) {
        let now = NIODeadline.now()
        let (discarded, next) = state.withLock { state -> ([Idle], NIODeadline?) in
            var discarded: [Idle] = []
            var next: NIODeadline?
            for route in Array(state.idle.keys) {
                let count = state.idle[route]?.prefix { $0.end <= now }.count ?? 0
                discarded += state.idle[route]?.prefix(count) ?? []
                state.idle[route]?.removeFirst(count)
                if let first = state.idle[route]?.first { next = min(next ?? first.end, first.end) }
                if state.idle[route]?.isEmpty == true { state.idle[route] = nil }
            }
            state.idleCount -= discarded.count
            state.isWatched = next != nil
            return (discarded, next)
        }
        for entry in discarded { entry.connection.close() }
        if let next { watch(on: eventLoop, until: next) }
    }

    /// Takes no new requests, and waits for those in progress, which their time-outs bound.
    func shutdown() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                state.isShutDown = true
                guard state.requestCount > 0 else { return true }
                state.waiters.append(continuation)
                return false
            }
            if isIdle { continuation.resume() }
        }
        let idle = state.withLock { state in
            defer {
                state.idle = [:]
                state.idleCount = 0
            }
            return state.idle.values.flatMap(\.self)
        }
        for entry in idle { entry.connection.close() }
    }
}
