internal import ConnectService
internal import Logging
package import NIOCore
package import NIOHTTP1
internal import OAuthHTTP

/// Answers initiate requests without waiting for anything.
package protocol InitiateAnswering: Sendable {
    /// The answer to a whole request; `nil`, and nothing is done, if the server behind has to answer it.
    func answer(to head: HTTPRequestHead, body: ByteBuffer?, from peer: SocketAddress?) -> JSONAnswer?

    /// Comes before answers are sent: writes down what is still to be written down.
    func settle()
}

/// `POST /api/v1/oauth/initiate` for requests that are there as a whole, without a task of their own: the same bounds,
/// credentials, limits, errors and audit lines as by way of the router.
package struct InitiateAtOnce: InitiateAnswering {
    static let path = "/api/v1/oauth/initiate"

    private let route: InitiateRoute
    private let limits: RequestLimits
    private let proxies: TrustedProxies
    private let logger: Logger

    init(_ route: InitiateRoute, limits: RequestLimits, proxies: TrustedProxies, logger: Logger) {
        self.route = route
        self.limits = limits
        self.proxies = proxies
        self.logger = logger
    }

    package func answer(to head: HTTPRequestHead, body: ByteBuffer?, from peer: SocketAddress?) -> JSONAnswer?
    {
        let header = CallerHeader(head.headers)
        guard (body?.readableBytes ?? 0) <= InitiateRoute.maximumBodyByteCount, !route.waits(for: header)
        else { return nil }
        let address = proxies.origin(of: peer.flatMap { IPAddress($0) }, forwardedFor: header.forwardedFor)
        let origin = RequestOrigin(arrival: .now, address: address)
        do {
            if limits.countsAddresses { try limits.admit(origin.address) }
            let octets = body.map { Array($0.readableBytesView) } ?? []
            return try route.answerAtOnce(header, body: octets, origin)
        } catch {
            if let answer = JSONAnswer(to: error) { return answer }
            logger.error("unexpected error", metadata: ["error": "\(type(of: error))"])
            return APIError.internalError.answer
        }
    }

    package func settle() { route.settle() }
}
