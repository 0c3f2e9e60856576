internal import ConnectService
internal import Connections
internal import Encodings
internal import Logging
package import NIOCore
package import NIOHTTP1
internal import OAuthHTTP

/// Answers requests without waiting for anything.
package protocol AnsweringAtOnce: Sendable {
    /// Whether a request with this header may be one of those.
    func mayAnswer(_ head: HTTPRequestHead) -> Bool

    /// The answer to a whole request; `nil`, and nothing is done, if the server behind has to answer it.
    func answer(to head: HTTPRequestHead, body: ByteBuffer?, from peer: SocketAddress?) -> Answer?

    /// Comes before answers are sent: writes down what is still to be written down.
    func settle()
}

/// Initiates, and callbacks that need no exchange, for requests that are there as a whole: the same bounds, credentials,
/// limits, errors and audit lines as by way of the router, without a task of their own.
struct AnswersAtOnce<Store: ConnectionStore>: AnsweringAtOnce {
    private let initiate: InitiateRoute
    private let callback: CallbackRoute<Store>
    private let limits: RequestLimits
    private let proxies: TrustedProxies
    private let audit: AuditLog
    private let logger: Logger

    init(
        _ initiate: InitiateRoute, _ callback: CallbackRoute<Store>, limits: RequestLimits,
        proxies: TrustedProxies, audit: AuditLog, logger: Logger
    ) {
        self.initiate = initiate
        self.callback = callback
        self.limits = limits
        self.proxies = proxies
        self.audit = audit
        self.logger = logger
    }

    func mayAnswer(_ head: HTTPRequestHead) -> Bool {
        switch head.method {
        case .POST: head.uri == InitiateRoute.path
        case .GET:
            head.uri.utf8.starts(with: CallbackPath.prefix.utf8)
                && head.uri.utf8.count <= RequestBounds.maximumURIByteCount
        default: false
        }
    }

    func answer(to head: HTTPRequestHead, body: ByteBuffer?, from peer: SocketAddress?) -> Answer? {
        let header = CallerHeader(head.headers)
        let address = proxies.origin(
            of: peer.flatMap { IPAddress($0) }, forwardedFor: header.forwardedFor, forwarded: header.forwarded
        )
        let origin = RequestOrigin(arrival: .now, address: address)
        do {
            if head.method == .GET { return try answerCallback(head, header, body, origin) }
            return try answerInitiate(header, body, origin)
        } catch {
            if let answer = Answer(to: error) { return answer }
            logger.error("unexpected error", metadata: ["error": "\(type(of: error))"])
            return APIError.internalError.answer
        }
    }

    func settle() { audit.flush() }

    private func answerInitiate(
        _ header: CallerHeader, _ body: ByteBuffer?, _ origin: RequestOrigin
    ) throws -> Answer? {
        guard (body?.readableBytes ?? 0) <= InitiateRoute.maximumBodyByteCount,
            !initiate.waits(for: header)
        else { return nil }
        if limits.countsAddresses { try limits.admit(origin.address) }
        let octets = body.map { Array($0.readableBytesView) } ?? []
        return try initiate.answerAtOnce(header, body: octets, origin)
    }

    private func answerCallback(
        _ head: HTTPRequestHead, _ header: CallerHeader, _ body: ByteBuffer?, _ origin: RequestOrigin
    ) throws -> Answer? {
        // An address is counted once, wherever the request is answered.
        guard body == nil, !header.isPrefetch, !limits.countsAddresses, let path = CallbackPath(head.uri)
        else { return nil }
        return callback.answerAtOnce(path.query, integrationID: path.integrationID, origin)
    }
}

/// The path and the query of a callback that comes as a GET.
struct CallbackPath {
    static let prefix = "/api/v1/oauth/callback/"

    let integrationID: String
    /// As it came.
    let query: [UInt8]

    /// - Returns: `nil` for a path that only the router may read, such as one with escapes.
    init?(_ uri: String) {
        let octets = Array(uri.utf8)
        let rest = octets.dropFirst(Self.prefix.utf8.count)
        let end = rest.firstIndex(of: UInt8(ascii: "?")) ?? rest.endIndex
        let id = rest[..<end]
        guard !id.isEmpty, id.allSatisfy(Self.isPlain), !rest.contains(UInt8(ascii: "#")) else { return nil }
        integrationID = String(decoding: id, as: UTF8.self)
        query = Array(rest[end...].dropFirst())
    }

    private static func isPlain(_ octet: UInt8) -> Bool {
        switch octet {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
