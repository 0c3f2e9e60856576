internal import Access
internal import ConnectService
internal import Encodings
package import Hummingbird
internal import Logging
internal import NIOCore
internal import OpenTelemetry

/// What a request carries with it on its way.
package struct APIContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    private let channel: any Channel
    /// Where it came from, and when.
    private(set) var origin: RequestOrigin
    /// Who asks and for which workspace, where the event loop has found out what the route would.
    private(set) var caller: (principal: Principal, workspaceID: String)?

    package init(source: Source) {
        coreContext = .init(source: source)
        channel = source.channel
        origin = RequestOrigin(arrival: .now, address: nil)
    }

    mutating func admit(_ origin: RequestOrigin) {
        let (trace, requestID) = (self.origin.trace, self.origin.requestID)
        self.origin = origin
        self.origin.trace = trace
        self.origin.requestID = requestID
    }

    mutating func admit(_ admitted: AdmittedRequest) {
        admit(admitted.origin)
        caller = admitted.caller
    }

    mutating func trace(as span: TraceSpan) { origin.trace = span }

    /// Log lines have the request's id from its task, and not the framework's beside it.
    mutating func name(_ id: RequestIdentifier) {
        origin.requestID = id
        logger[metadataKey: "hb.request.id"] = nil
    }

    /// The other end of the connection: a client, or a proxy.
    var peerAddress: IPAddress? { channel.remoteAddress.flatMap { IPAddress($0) } }
}

/// When the service began with a request, and where it came from.
package struct RequestOrigin: Sendable {
    let arrival: ContinuousClock.Instant
    let address: IPAddress?
    /// The request's `X-Audit-Context`, before its caller is authenticated.
    var auditContext: String?
    /// The span of the request, where requests are traced.
    var trace: TraceSpan?
    var requestID: RequestIdentifier?
}

extension IPAddress {
    /// Of a socket, if it is one of the Internet's.
    init?(_ address: SocketAddress) {
        switch address {
        case .v4(let address):
            // A `sockaddr_in`: family and port have two octets each, then comes the address.
            self = unsafe withUnsafeBytes(of: address.address) { octets in
                unsafe .v4([octets[4], octets[5], octets[6], octets[7]])
            }
        case .v6, .unixDomainSocket:
            guard let text = address.ipAddress, let address = IPAddress(text) else { return nil }
            self = address
        }
    }
}
