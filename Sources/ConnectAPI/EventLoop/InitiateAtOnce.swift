internal import ConnectService
internal import HTTPTypes
internal import Logging
internal import NIOCore
internal import OAuthHTTP

/// `POST /api/v1/oauth/initiate` for requests that are there as a whole, without a task of their own: the same bounds,
/// credentials, limits, errors and audit lines as by way of the router.
package struct InitiateAtOnce: Sendable {
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

    /// Whether a request with this head may be one of those. What asks anything of the connection is not.
    static func takes(_ head: HTTPRequest) -> Bool {
        head.method == .post && head.path == path && head.headerFields[.connection] == nil
            && head.headerFields[.expect] == nil
    }

    /// - Returns: `nil`, and nothing is done, if the router has to answer it.
    func answer(to head: HTTPRequest, body: ByteBuffer?, from peer: SocketAddress?) -> JSONAnswer? {
        let headers = head.headerFields
        guard (body?.readableBytes ?? 0) <= InitiateRoute.maximumBodyByteCount, !route.waits(for: headers)
        else { return nil }
        let address = proxies.client(of: peer.flatMap { IPAddress($0) }, headers)
        let origin = RequestOrigin(arrival: .now, address: address)
        do {
            if limits.countsAddresses { try limits.admit(origin.address) }
            let octets = body.map { Array($0.readableBytesView) } ?? []
            return try route.answerAtOnce(headers, body: octets, origin)
        } catch {
            if let answer = JSONAnswer(to: error) { return answer }
            logger.error("unexpected error", metadata: ["error": "\(type(of: error))"])
            return APIError.internalError.answer
        }
    }
}
