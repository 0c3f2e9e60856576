internal import Access
package import ConnectPages
package import ConnectService
internal import Connections
internal import Encodings
internal import HTTPTypes
internal import Logging
package import NIOCore
package import NIOHTTP1
internal import OpenTelemetry
internal import Tracing

/// Answers requests without waiting for anything.
package protocol ImmediateResponder: Sendable {
    /// Where error codes are described; `nil`: errors do not say.
    var documentation: ErrorDocumentation? { get }

    /// Whether a request with this header may be one of those.
    func mayRespond(_ head: HTTPRequestHead) -> Bool

    /// What becomes of a request that is there as a whole.
    func answer(
        to head: HTTPRequestHead, _ header: CallerHeader, body: ByteBuffer?, from peer: SocketAddress?,
        _ id: RequestIdentifier
    ) -> ImmediateResponse

    /// Comes before answers are sent: has written down what is still to be written down.
    func settle()
}

/// What becomes of a request that an event loop looked at.
package enum ImmediateResponse: Sendable {
    case answer(CompleteResponse)
    /// It has to wait for something, as the server behind can.
    case handOver(AdmittedRequest)
    /// A store reads meanwhile, or a flow comes to its end.
    case later(DeferredResponse)
}

/// What becomes of a request when what it waits for has come.
package struct DeferredResponse: Sendable {
    /// What becomes of it, found out on the event loop.
    package typealias Conclusion = @Sendable () -> ImmediateResponse

    /// Begins what is waited for. What it is given is called once, on any thread, with what then runs on the event loop.
    ///
    /// It returns what becomes of the request if nothing is waited for, and then calls nothing.
    let begin: @Sendable (_ finish: @escaping @Sendable (@escaping Conclusion) -> Void) -> ImmediateResponse?

    package init(
        _ begin:
            @escaping @Sendable (_ finish: @escaping @Sendable (@escaping Conclusion) -> Void) ->
            ImmediateResponse?
    ) {
        self.begin = begin
    }
}

/// Initiates, callbacks, and tokens that need no refresh, for requests that are there as a whole: the same guards,
/// credentials, errors, audit and log lines as by way of the router. Only an exchange has a task of its own.
// A class, because the closures that wait for a store hold it: a structure is copied whole for each of them.
final class EventLoopResponder<Store: ConnectionStore>: ImmediateResponder {
    private let initiate: InitiateRoute
    private let callback: CallbackRoute<Store>
    private let connections: ConnectionRoutes<Store>
    private let hasStore: Bool
    private let guards: RequestGuards
    private let audit: AuditLog
    private let tracing: RequestTracing?
    let documentation: ErrorDocumentation?
    private let logger: Logger

    init(
        _ initiate: InitiateRoute, _ callback: CallbackRoute<Store>,
        _ connections: ConnectionRoutes<Store>, hasStore: Bool, guards: RequestGuards, audit: AuditLog,
        tracing: RequestTracing?, documentation: ErrorDocumentation?, logger: Logger
    ) {
        self.initiate = initiate
        self.callback = callback
        self.connections = connections
        self.hasStore = hasStore
        self.guards = guards
        self.audit = audit
        self.tracing = tracing
        self.documentation = documentation
        self.logger = logger
    }

    func mayRespond(_ head: HTTPRequestHead) -> Bool {
        switch head.method {
        case .POST: head.uri == InitiateRoute.path || CallbackPath.isBegun(by: head.uri)
        case .GET: CallbackPath.isBegun(by: head.uri) || hasStore && TokenPath.isLike(head.uri)
        default: false
        }
    }

    func answer(
        to head: HTTPRequestHead, _ header: CallerHeader, body: ByteBuffer?, from peer: SocketAddress?,
        _ id: RequestIdentifier
    ) -> ImmediateResponse {
        // An initiate causes no log lines but those of this type, so that its id needs not be bound.
        if head.uri == InitiateRoute.path { return look(at: head, header, body: body, from: peer, id) }
        return RequestIdentifier.$current.withValue(id) { look(at: head, header, body: body, from: peer, id) }
    }

    private func look(
        at head: HTTPRequestHead, _ header: CallerHeader, body: ByteBuffer?, from peer: SocketAddress?,
        _ id: RequestIdentifier
    ) -> ImmediateResponse {
        let start = ContinuousClock.now
        let span = tracing?.begin(header)
        let isInitiate = head.uri == InitiateRoute.path
        let isToken = !isInitiate && TokenPath.isLike(head.uri)
        let result: ImmediateResponse
        do {
            var origin = try guards.admit(
                header, target: head.uri, host: header.host, peer: peer.flatMap { IPAddress($0) })
            origin.trace = span
            origin.requestID = id
            let octets = body.map { Array($0.readableBytesView) } ?? []
            if isToken {
                result = try within(span) {
                    try connections.tokenAtOnce(head.uri, header, origin) { [documentation, logger] in
                        CompleteResponse(to: $0, documentation, logger, id, span)
                    }
                }
            } else if isInitiate {
                result = try initiate.immediateResponse(header, body: octets, origin, since: start)
            } else {
                result = try within(span) {
                    try callback.immediateResponse(head, header, body: octets, origin)
                }
            }
        } catch {
            result = .answer(CompleteResponse(to: error, documentation, logger, id, span))
        }
        func route() -> String {
            isInitiate ? InitiateRoute.path : isToken ? TokenPath.route : CallbackPath.route(of: head.uri)
        }
        switch result {
        case .answer(let answer):
            log(answer, head.method.rawValue, route(), since: start, span, id)
            return result
        case .handOver:
            return result
        case .later(let later):
            let (method, path) = (head.method.rawValue, route())
            return .later(
                DeferredResponse { [self] finish in
                    // What begins here, and may be a task, causes log lines of the request.
                    RequestIdentifier.$current.withValue(id) {
                        within(span) {
                            later.begin { [self] conclusion in
                                finish { [self] in
                                    RequestIdentifier.$current.withValue(id) {
                                        let result = within(span, conclusion)
                                        if case .answer(let answer) = result {
                                            log(answer, method, path, since: start, span, id)
                                        }
                                        return result
                                    }
                                }
                            }
                        }
                    }
                })
        }
    }

    /// Has what a callback or the reading of a token causes, its log lines and its requests to the store, belong to the
    /// request's span.
    private func within<Value>(_ span: TraceSpan?, _ work: () throws -> Value) rethrows -> Value {
        guard let span else { return try work() }
        return try ServiceContext.withValue(span.context, operation: work)
    }

    private func log(
        _ answer: CompleteResponse, _ method: String, _ route: String, since start: ContinuousClock.Instant,
        _ span: TraceSpan?, _ id: RequestIdentifier
    ) {
        RequestLog.write(
            method: method, route: route, status: answer.status.code, since: start, logger, id, span)
        // The span of a request that is handed over is begun again by the router.
        if let span { RequestTracing.end(span, method: method, route: route, status: answer.status.code) }
    }

    func settle() { audit.flush() }
}

/// The path and the query of a callback.
struct CallbackPath {
    static let prefix = "/api/v1/oauth/callback/"

    static func isBegun(by target: String) -> Bool { target.hasPrefix(prefix) }

    /// As logs name it, without what a caller wrote.
    static func route(of target: String) -> String {
        let path = target.utf8.dropFirst(prefix.utf8.count).prefix { $0 != UInt8(ascii: "?") }
        return path.contains(UInt8(ascii: "/"))
            ? "\(prefix){integration_id}/{context}" : "\(prefix){integration_id}"
    }

    let integrationID: String
    let context: String?
    /// As it came.
    let query: [UInt8]

    /// - Returns: `nil` for a path that only the router may read, such as one with escapes.
    init?(_ uri: String) {
        let octets = Array(uri.utf8)
        let rest = octets.dropFirst(Self.prefix.utf8.count)
        let end = rest.firstIndex(of: UInt8(ascii: "?")) ?? rest.endIndex
        let segments = rest[..<end].split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard let id = segments.first, segments.count <= 2,
            segments.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isPlain) }),
            !rest.contains(UInt8(ascii: "#"))
        else { return nil }
        integrationID = String(decoding: id, as: UTF8.self)
        context = segments.count == 2 ? String(decoding: segments[1], as: UTF8.self) : nil
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
