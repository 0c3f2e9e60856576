internal import Access
internal import ConnectService
internal import Encodings
internal import HTTPTypes

/// What is asked of every request before its route sees it, in this order, wherever it is answered: the length of its
/// URL, how often its address comes, and, in development mode, whether it is meant for this service.
struct RequestGuards: Sendable {
    /// A callback of 16 kB, and its path.
    static let maximumURIByteCount = 16 * 1024 + 512

    private let limits: RequestLimits
    private let proxies: TrustedProxies
    private let development: DevelopmentGuard?

    init(_ limits: RequestLimits, proxies: TrustedProxies, development: DevelopmentGuard?) {
        self.limits = limits
        self.proxies = proxies
        self.development = development
    }

    /// - Parameters:
    ///   - target: the request's, unchanged.
    ///   - host: what the request names as its host.
    ///   - peer: the other end of the connection, a client or a proxy.
    /// - Returns: where the request comes from.
    func admit(
        _ header: CallerHeader, target: String, host: String?, peer: IPAddress?
    ) throws(APIError) -> RequestOrigin {
        guard target.utf8.count <= Self.maximumURIByteCount else { throw .uriTooLong }
        let origin = RequestOrigin(
            arrival: .now,
            address: proxies.origin(
                of: peer, forwardedFor: header.forwardedFor, forwarded: header.forwarded),
            auditContext: header.hasProperAuditContext ? header.auditContext : nil)
        // A request that is answered on an event loop and one behind the router are counted once.
        if limits.countsAddresses, let wait = limits.wait(for: origin.address) { throw .rateLimited(wait) }
        try development?.admit(header, target: target, host: host)
        return origin
    }
}

extension APIError {
    static func rateLimited(_ wait: Duration) -> APIError {
        let (seconds, attoseconds) = wait.components
        return APIError(
            .tooManyRequests, "rate_limited", "Too many requests came from here. Wait before you try again.",
            headers: [.retryAfter: "\(max(1, seconds + (attoseconds > 0 ? 1 : 0)))"])
    }
}
