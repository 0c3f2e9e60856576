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
    var peerAddress: IPAddress? {
        switch channel.remoteAddress {
        case .v4(let address):
            // A `sockaddr_in`: family and port have two octets each, then comes the address.
            let octets = unsafe withUnsafeBytes(of: address.address) { unsafe Array($0[4..<8]) }
            return .v4(octets)
        case .v6, .unixDomainSocket: return channel.remoteAddress?.ipAddress.flatMap { IPAddress($0) }
        case nil: return nil
        }
    }
}
