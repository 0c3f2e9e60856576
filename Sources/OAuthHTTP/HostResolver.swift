internal import Encodings
internal import NIOCore
internal import NIOPosix
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Looks up all addresses of host names with the system's resolver, on threads of its own.
///
/// `getaddrinfo` blocks, and one that was given up keeps its thread until the resolver's own time-out. So those that wait
/// for a host share one look-up, one that none waits for any more is not begun, and hosts beyond the limit are rejected.
final class HostResolver: Sendable {
    /// All addresses of a host; none where it has none.
    typealias BlockingLookUp = @Sendable (String) -> [IPAddress]

    private struct State {
        /// By the host that is looked up, or is to be: who waits for it.
        var waiting: [String: [Int: EventLoopPromise<[IPAddress]>]] = [:]
        var lastWaiter = 0
    }

    private let threads: NIOThreadPool
    private let hostLimit: Int
    private let lookUp: BlockingLookUp
    private let state = Mutex(State())

    /// - Parameters:
    ///   - threadCount: how many hosts are looked up at once.
    ///   - hostLimit: how many are looked up or wait for a thread.
    init(threadCount: Int, hostLimit: Int, lookUp: @escaping BlockingLookUp = HostResolver.systemLookUp) {
        threads = NIOThreadPool(numberOfThreads: threadCount)
        threads.start()
        self.hostLimit = hostLimit
        self.lookUp = lookUp
    }

    /// How many hosts are looked up, or wait for a thread.
    var hostCount: Int { state.withLock { $0.waiting.count } }

    func shutdown() async {
        do {
            try await threads.shutdownGracefully()
        } catch {
            // It was shut down before, which is what was wanted.
            return
        }
    }

    /// Waits no longer than `timeout`, though the look-up itself cannot be cancelled.
    func resolve(_ host: String, timeout: TimeAmount) async throws(ProviderRequestError) -> [IPAddress] {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let promise = loop.makePromise(of: [IPAddress].self)
        guard let waiter = wait(for: host, promise) else {
            promise.fail(ProviderRequestError.unresolved)
            throw .unresolved
        }
        let timer = loop.scheduleTask(in: timeout) {
            self.state.withLock { _ = $0.waiting[host]?.removeValue(forKey: waiter) }
            promise.fail(ProviderRequestError.unresolved)
        }
        defer { timer.cancel() }
        do {
            let addresses = try await promise.futureResult.get()
            guard !addresses.isEmpty else { throw ProviderRequestError.unresolved }
            return addresses
        } catch {
            throw .unresolved
        }
    }

    /// - Returns: nil if there are too many hosts.
    private func wait(for host: String, _ promise: EventLoopPromise<[IPAddress]>) -> Int? {
        let found = state.withLock { state -> (waiter: Int, isFirst: Bool)? in
            let isFirst = state.waiting[host] == nil
            guard !isFirst || state.waiting.count < hostLimit else { return nil }
            state.lastWaiter += 1
            state.waiting[host, default: [:]][state.lastWaiter] = promise
            return (state.lastWaiter, isFirst)
        }
        // A pool that was shut down calls it, too, and says so.
        if found?.isFirst == true { threads.submit { self.work(on: host, isActive: $0 == .active) } }
        return found?.waiter
    }

    private func work(on host: String, isActive: Bool) {
        let isWanted = state.withLock { state in
            guard state.waiting[host]?.isEmpty != false else { return true }
            state.waiting[host] = nil
            return false
        }
        guard isWanted else { return }
        let addresses = isActive ? lookUp(host) : []
        let waiters = state.withLock { $0.waiting.removeValue(forKey: host) ?? [:] }
        for promise in waiters.values { promise.succeed(addresses) }
    }

    @Sendable static func systemLookUp(_ host: String) -> [IPAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = numericCast(streamSocket)
        unsafe hints.ai_flags = AI_ADDRCONFIG
        var first: UnsafeMutablePointer<addrinfo>?
        guard unsafe getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
        defer { unsafe freeaddrinfo(first) }
        var addresses: [IPAddress] = []
        var next = unsafe first
        while let entry = unsafe next {
            if let address = unsafe IPAddress(entry.pointee), !addresses.contains(address) {
                addresses.append(address)
            }
            unsafe next = entry.pointee.ai_next
        }
        return addresses
    }

    #if canImport(Glibc)
    private static var streamSocket: UInt32 { SOCK_STREAM.rawValue }
    #else
    private static var streamSocket: Int32 { SOCK_STREAM }
    #endif
}

extension IPAddress {
    /// Nil for a family other than the two. Reads no more than the length that the entry states.
    fileprivate init?(_ entry: addrinfo) {
        guard let address = unsafe entry.ai_addr else { return nil }
        let octets = unsafe Array(UnsafeRawBufferPointer(start: address, count: Int(entry.ai_addrlen)))
        switch unsafe entry.ai_family {
        case AF_INET where octets.count >= 8: self = .v4(InlineArray { octets[4 + $0] })
        case AF_INET6 where octets.count >= 24: self = .v6(InlineArray { octets[8 + $0] })
        default: return nil
        }
    }
}
