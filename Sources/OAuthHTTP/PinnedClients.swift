internal import AsyncHTTPClient
internal import Encodings
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// A host, and the one address of it that was checked.
struct PinnedHost: Hashable {
    /// As it stands in the URL, which is how it is looked for among the overrides.
    let host: String
    let address: IPAddress
}

/// One HTTP client for each pinned host, since async-http-client fixes addresses for a client and not for a
/// request.
///
/// What is guaranteed: the client of a pin connects to the pinned address only. `dnsOverride` keeps it from
/// looking the name up again, while TLS still asks for and verifies the name; and each new connection's
/// address is compared before anything is written to it, so that a name which slipped past the override is
/// refused too.
final class PinnedClients: Sendable {
    private struct Entry {
        let client: HTTPClient
        var useCount = 0
        var lastUse = 0
    }

    private struct State {
        var entries: [PinnedHost: Entry] = [:]
        var clock = 0
        var isShutDown = false
        var waiters: [CheckedContinuation<Void, Never>] = []
        var useCount: Int { entries.values.reduce(0) { $0 + $1.useCount } }
    }

    private static let countLimit = 64

    private let state = Mutex(State())
    private let connectTimeout: TimeAmount
    private let tlsConfiguration: TLSConfiguration

    init(connectTimeout: TimeAmount, tlsConfiguration: TLSConfiguration) {
        self.connectTimeout = connectTimeout
        self.tlsConfiguration = tlsConfiguration
    }

    /// Of several checked addresses, one that is connected already is taken.
    func preferred(_ host: String, among addresses: [IPAddress]) -> [IPAddress] {
        state.withLock { state in
            let known = addresses.filter { state.entries[PinnedHost(host: host, address: $0)] != nil }
            return known + addresses.filter { !known.contains($0) }
        }
    }

    func acquire(_ pin: PinnedHost) throws(TokenEndpointError) -> HTTPClient {
        let client = state.withLock { state -> HTTPClient? in
            guard !state.isShutDown else { return nil }
            state.clock += 1
            var entry = state.entries[pin] ?? Entry(client: makeClient(pin))
            entry.useCount += 1
            entry.lastUse = state.clock
            state.entries[pin] = entry
            return entry.client
        }
        guard let client else { throw .shutDown }
        return client
    }

    /// Also ends the clients that were not used for longest, where there are more than enough.
    func release(_ pin: PinnedHost) async {
        let (surplus, waiters) = state.withLock { state in
            state.entries[pin]?.useCount -= 1
            var surplus: [HTTPClient] = []
            while state.entries.count > Self.countLimit,
                let oldest = state.entries.filter({ $0.value.useCount == 0 }).min(
                    by: { $0.value.lastUse < $1.value.lastUse })
            {
                surplus.append(oldest.value.client)
                state.entries[oldest.key] = nil
            }
            let waiters = state.useCount == 0 ? state.waiters : []
            if state.useCount == 0 { state.waiters = [] }
            return (surplus, waiters)
        }
        for waiter in waiters { waiter.resume() }
        for client in surplus { await Self.end(client) }
    }

    /// Takes no new requests, and lets those under way come to their end, which their time-outs bound.
    func shutdown() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                state.isShutDown = true
                guard state.useCount > 0 else { return true }
                state.waiters.append(continuation)
                return false
            }
            if isIdle { continuation.resume() }
        }
        let clients = state.withLock { state in
            defer { state.entries = [:] }
            return state.entries.values.map(\.client)
        }
        for client in clients { await Self.end(client) }
    }

    private static func end(_ client: HTTPClient) async {
        do {
            try await client.shutdown()
        } catch {
            // The client is closed either way; there is nobody left who waits for an answer.
            return
        }
    }

    private func makeClient(_ pin: PinnedHost) -> HTTPClient {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: tlsConfiguration, redirectConfiguration: .disallow,
            timeout: .init(connect: connectTimeout))
        configuration.dnsOverride = [pin.host: pin.address.description]
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        // Shorter than servers keep a connection: a request on one that just closed would have an unknown
        // outcome.
        configuration.connectionPool.idleTimeout = .seconds(3)
        // Of its own it would open 8: a provider that takes 200 ms could then be asked 40 times a second, and what
        // waits for its turn beyond the timeout is a code that is lost.
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 1_024
        let address = pin.address
        configuration.http1_1ConnectionDebugInitializer = { channel in
            channel.eventLoop.makeCompletedFuture {
                let expected = try SocketAddress(
                    ipAddress: address.description, port: channel.remoteAddress?.port ?? 0)
                guard channel.remoteAddress == expected else { throw TokenEndpointError.forbiddenAddress }
            }
        }
        return HTTPClient(eventLoopGroup: MultiThreadedEventLoopGroup.singleton, configuration: configuration)
    }
}
