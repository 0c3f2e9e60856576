internal import Access
internal import ConnectService
internal import Connections
internal import Encodings
internal import HTTPTypes
internal import Logging
package import NIOCore
package import NIOHTTP1

/// Answers requests without waiting for anything.
package protocol AnsweringAtOnce: Sendable {
    /// Whether a request with this header may be one of those.
    func mayAnswer(_ head: HTTPRequestHead) -> Bool

    /// What becomes of a request that is there as a whole.
    func answer(
        to head: HTTPRequestHead, _ header: CallerHeader, body: ByteBuffer?, from peer: SocketAddress?
    ) -> AnswerAtOnce

    /// Comes before answers are sent: has written down what is still to be written down.
    func settle()
}

/// What becomes of a request that an event loop looked at.
package enum AnswerAtOnce: Sendable {
    case answer(Answer)
    /// It has to wait for something, as the server behind can.
    case handOver(AdmittedRequest)
}

/// Initiates, and callbacks that need no exchange, for requests that are there as a whole: the same guards, credentials,
/// errors, audit and log lines as by way of the router, without a task of their own.
struct AnswersAtOnce<Store: ConnectionStore>: AnsweringAtOnce {
    private let initiate: InitiateRoute
    private let callback: CallbackRoute<Store>
    private let guards: RequestGuards
    private let audit: AuditLog
    private let logger: Logger

    init(
        _ initiate: InitiateRoute, _ callback: CallbackRoute<Store>, guards: RequestGuards, audit: AuditLog,
        logger: Logger
    ) {
        self.initiate = initiate
        self.callback = callback
        self.guards = guards
        self.audit = audit
        self.logger = logger
    }

    func mayAnswer(_ head: HTTPRequestHead) -> Bool {
        switch head.method {
        case .POST: head.uri == InitiateRoute.path || CallbackPath.isBegun(by: head.uri)
        case .GET: CallbackPath.isBegun(by: head.uri)
        default: false
        }
    }

    func answer(
        to head: HTTPRequestHead, _ header: CallerHeader, body: ByteBuffer?, from peer: SocketAddress?
    ) -> AnswerAtOnce {
        let start = ContinuousClock.now
        let isInitiate = head.uri == InitiateRoute.path
        let result: AnswerAtOnce
        do {
            let origin = try guards.admit(
                header, target: head.uri, host: header.host, peer: peer.flatMap { IPAddress($0) })
            let octets = body.map { Array($0.readableBytesView) } ?? []
            if isInitiate {
                result = try initiate.answerAtOnce(header, body: octets, origin)
            } else {
                result = try callback.answerAtOnce(head, header, body: octets, origin)
            }
        } catch {
            result = .answer(Answer(to: error, logger))
        }
        if case .answer(let answer) = result {
            RequestLog.write(
                method: head.method.rawValue,
                route: isInitiate ? InitiateRoute.path : "\(CallbackPath.prefix){integration_id}",
                status: answer.status.code, since: start, logger)
        }
        return result
    }

    func settle() { audit.flush() }
}

/// The path and the query of a callback.
struct CallbackPath {
    static let prefix = "/api/v1/oauth/callback/"

    static func isBegun(by target: String) -> Bool { target.utf8.starts(with: prefix.utf8) }

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
