internal import ConnectService
internal import Encodings
package import Hummingbird
internal import NIOCore

/// What a request carries with it on its way.
package struct APIContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    private let channel: any Channel
    /// Where it came from, and when.
    private(set) var origin: RequestOrigin
    /// Of a callback that was verified on the event loop.
    private(set) var verdict: CallbackVerdict?

    package init(source: Source) {
        coreContext = .init(source: source)
        channel = source.channel
        origin = RequestOrigin(arrival: .now, address: nil)
    }

    mutating func admit(_ origin: RequestOrigin, verdict: CallbackVerdict?) {
        self.origin = origin
        self.verdict = verdict
    }

    /// The other end of the connection: a client, or a proxy.
    var peerAddress: IPAddress? { channel.remoteAddress.flatMap { IPAddress($0) } }
}

/// When the service began with a request, and where it came from.
package struct RequestOrigin: Sendable {
    let arrival: ContinuousClock.Instant
    let address: IPAddress?
}

extension IPAddress {
    /// Of a socket, if it is one of the Internet's.
    init?(_ address: SocketAddress) {
        switch address {
        case .v4(let address):
            // A `sockaddr_in`: family and port have two octets each, then comes the address.
            let octets = unsafe withUnsafeBytes(of: address.address) { unsafe Array($0[4..<8]) }
            self = .v4(octets)
        case .v6, .unixDomainSocket:
            guard let text = address.ipAddress, let address = IPAddress(text) else { return nil }
            self = address
        }
    }
}
