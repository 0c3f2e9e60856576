package import HummingbirdCore
package import NIOCore

/// How the HTTP/1 server bounds what a connection may cost.
package struct ServerLimits: Sendable {
    /// All connections together; what comes beside them waits in the kernel's queue.
    package var connectionCount: Int
    /// A connection without a request is closed after it: longer than proxies keep theirs.
    package var idleTimeout: TimeAmount
    package var patience: SlowClients.Patience

    package init(
        connectionCount: Int = 8_192, idleTimeout: TimeAmount = .seconds(75),
        patience: SlowClients.Patience = SlowClients.Patience()
    ) {
        self.connectionCount = connectionCount
        self.idleTimeout = idleTimeout
        self.patience = patience
    }

    /// A line of the header may hold a URL of 16 kB, its path, and a few octets more: what is too long and still
    /// readable gets a 414 of ours.
    private static let headerLimits = HTTP1Channel.Configuration.DecoderConfiguration(
        maxHeaderFieldSize: 20 * 1024, maxHeaderListSize: 48 * 1024, maxHeaderFieldCount: 100)

    /// - Parameters:
    ///   - answering: what is answered before the server's own routes are asked.
    ///   - path: of the public URL.
    package func server(
        before answering: (any AnsweringAtOnce)? = nil, under path: String = ""
    ) -> HTTPServerBuilder {
        let configuration = HTTP1Channel.Configuration(
            idleTimeout: idleTimeout, httpDecoderConfiguration: Self.headerLimits)
        return HTTPServerBuilder { [patience] responder in
            GuardedChannel(
                HTTP1Channel(responder: responder, configuration: configuration), patience, answering,
                path: path)
        }
    }
}
