internal import ConnectService
internal import Encodings
internal import HTTPTypes
internal import Hummingbird
internal import OAuthHTTP

/// What is asked of every request before a route sees it: its URL's length, and how often its address comes.
struct RequestBounds: RouterMiddleware {
    /// A callback of 16 kB, and its path.
    static let maximumURIByteCount = 16 * 1024 + 512

    private let limits: RequestLimits

    init(_ limits: RequestLimits) { self.limits = limits }

    func handle(
        _ request: Request, context: APIContext, next: (Request, APIContext) async throws -> Response
    ) async throws -> Response {
        guard (request.head.path ?? "").utf8.count <= Self.maximumURIByteCount else {
            throw APIError.uriTooLong
        }
        // It costs something to know an address.
        if limits.countsAddresses { try limits.admit(context.clientAddress) }
        return try await next(request, context)
    }
}

extension RequestLimits {
    /// - Throws: ``APIError`` if the address comes too often.
    func admit(_ address: IPAddress?) throws(APIError) {
        if let wait = wait(for: address) { throw .rateLimited(wait) }
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
