package import Access
package import HummingbirdCore
package import NIOCore
internal import NIOHTTP1

/// How the HTTP/1 server bounds what a connection may cost.
package struct ServerLimits: Sendable {
    /// All connections together; further ones wait in the kernel's queue.
    package var connectionCount: Int
    /// How many of them one address may hold; `nil`: all.
    package var shares: ConnectionShares?
    /// A connection without a request is closed after it: longer than proxies keep theirs.
    package var idleTimeout: TimeAmount
    package var patience: SlowClients.Patience

    package init(
        connectionCount: Int = 8_192, shares: ConnectionShares? = nil, idleTimeout: TimeAmount = .seconds(75),
        patience: SlowClients.Patience = SlowClients.Patience()
    ) {
        self.connectionCount = connectionCount
        self.shares = shares
        self.idleTimeout = idleTimeout
        self.patience = patience
    }

    /// A line of the header may hold a URL of 16 kB, its path, and a few octets more: what is too long and still
    /// readable gets a 414 of ours.
    static var header: NIOHTTPDecoderLimitConfiguration {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 20 * 1024
        limits.maxHeaderListSize = 48 * 1024
        limits.maxHeaderFieldCount = 100
        return limits
    }

    /// - Parameters:
    ///   - answering: what is answered before the server's own routes are asked.
    ///   - path: of the public URL.
    package func server(
        before answering: (any ImmediateResponder)? = nil, under path: String = ""
    ) -> HTTPServerBuilder {
        HTTPServerBuilder { [self] responder in ConnectChannel(responder, self, answering, path: path) }
    }
}
