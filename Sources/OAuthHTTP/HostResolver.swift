internal import Encodings
internal import NIOCore
internal import NIOPosix

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Looks up all addresses of host names with the system's resolver.
struct HostResolver: Sendable {
    /// `getaddrinfo` blocks, so it has threads of its own: a slow name server delays nothing else.
    private let threads: NIOThreadPool

    init(threads: NIOThreadPool) { self.threads = threads }

    /// Waits no longer than `timeout`, though the look-up itself cannot be cancelled.
    func resolve(_ host: String, timeout: TimeAmount) async throws(ProviderRequestError) -> [IPAddress] {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let promise = loop.makePromise(of: [IPAddress].self)
        let timer = loop.scheduleTask(in: timeout) { promise.fail(ProviderRequestError.unresolved) }
        threads.runIfActive(eventLoop: loop) { Self.lookUp(host) }.cascade(to: promise)
        defer { timer.cancel() }
        do {
            let addresses = try await promise.futureResult.get()
            guard !addresses.isEmpty else { throw ProviderRequestError.unresolved }
            return addresses
        } catch {
            throw .unresolved
        }
    }

    private static func lookUp(_ host: String) -> [IPAddress] {
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
