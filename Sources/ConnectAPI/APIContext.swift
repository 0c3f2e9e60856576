internal import Encodings
package import Hummingbird
internal import NIOCore
internal import OAuthHTTP

/// What a request carries with it on its way.
package struct APIContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    /// When the service began with the request.
    let arrival: ContinuousClock.Instant
    private let channel: any Channel
    /// What the operator's own proxies say; `nil` without such.
    var forwardedAddress: IPAddress?

    package init(source: Source) {
        coreContext = .init(source: source)
        arrival = .now
        channel = source.channel
    }

    /// Where the request came from.
    var clientAddress: IPAddress? { forwardedAddress ?? peerAddress }

    /// The other end of the connection: a client, or a proxy.
    var peerAddress: IPAddress? { channel.remoteAddress.flatMap { IPAddress($0) } }

    var origin: RequestOrigin { RequestOrigin(arrival: arrival, address: clientAddress) }
}

/// When the service began with a request, and where it came from.
struct RequestOrigin: Sendable {
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
