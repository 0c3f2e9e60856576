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
        let timer: Scheduled<Void>
    }

    private struct State {
        var idle: [Route: [Idle]] = [:]
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
        let (taken, dropped) = state.withLock { state -> (Idle?, [Idle]) in
            guard var idle = state.idle[route] else { return (nil, []) }
            var dropped: [Idle] = []
            while let last = idle.popLast() {
                state.idleCount -= 1
                if last.connection.isOpen, last.connection.leads(toOneOf: addresses) {
                    state.idle[route] = idle.isEmpty ? nil : idle
                    return (last, dropped)
                }
                dropped.append(last)
            }
            state.idle[route] = nil
            return (nil, dropped)
        }
        for entry in dropped {
            entry.timer.cancel()
            entry.connection.close()
        }
        taken?.timer.cancel()
        return taken?.connection
    }

    func keep(_ connection: ProviderConnection, for route: Route) {
        let timer = connection.eventLoop.scheduleTask(in: Self.idleTime) {
            self.discard(connection, of: route)
        }
        let isKept = state.withLock { state in
            guard !state.isShutDown, state.idleCount < Self.idleCountLimit else { return false }
            state.idle[route, default: []].append(Idle(connection: connection, timer: timer))
            state.idleCount += 1
            return true
        }
        guard !isKept else { return }
        timer.cancel()
        connection.close()
    }

    private func discard(_ connection: ProviderConnection, of route: Route) {
        let isIdle = state.withLock { state in
            guard let index = state.idle[route]?.firstIndex(where: { $0.connection === connection }) else {
                return false
            }
            state.idle[route]?.remove(at: index)
            if state.idle[route]?.isEmpty == true { state.idle[route] = nil }
            state.idleCount -= 1
            return true
        }
        if isIdle { connection.close() }
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
        for entry in idle {
            entry.timer.cancel()
            entry.connection.close()
        }
    }
}
