internal import Access
internal import ConnectService
internal import Encodings
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes
internal import NIOHTTPTypesHTTP1

/// A connection of the HTTP/1 server: all of its pipeline is put together here.
struct ConnectChannel: HTTPChannelHandler {
    /// A connection, and what its event loop leaves for the task that serves it.
    struct Connection: ServerChildChannelValue {
        let parts: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>
        let handedOver: HandedOver

        var channel: any Channel { parts.channel }
    }

    let responder: Responder
    private let limits: ServerLimits
    private let answering: (any ImmediateResponder)?
    /// Of the public URL.
    private let path: String

    init(
        _ responder: @escaping Responder, _ limits: ServerLimits, _ answering: (any ImmediateResponder)?,
        path: String
    ) {
        self.responder = responder
        self.limits = limits
        self.answering = answering
        self.path = path
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Connection> {
        channel.eventLoop.makeCompletedFuture {
            let connection = try pipeline(of: channel, logger)
            admit(channel, logger)
            return connection
        }
    }

    func handle(value: Connection, logger: Logger) async {
        await HandedOver.$current.withValue(value.handedOver) {
            await handleHTTP(asyncChannel: value.parts, logger: logger)
        }
    }

    private func pipeline(of channel: any Channel, _ logger: Logger) throws -> Connection {
        let pipeline = channel.pipeline.syncOperations
        let handedOver = HandedOver()
        let encoder = HTTPResponseEncoder()
        let decoder = HTTPRequestDecoder(
            leftOverBytesStrategy: .dropBytes, limitConfiguration: ServerLimits.header)
        try pipeline.addHandlers(
            [encoder, ByteToMessageHandler(decoder), SlowClients(limits.patience)])
        if !path.isEmpty { try pipeline.addHandler(PublicPath(path)) }
        let answers = EventLoopHandler(
            answering, turn: .current(of: channel.eventLoop), past: try pipeline.context(handler: encoder),
            handingOver: handedOver)
        try pipeline.addHandlers([
            answers, HTTP1ToHTTPServerCodec(secure: false),
            HTTPConnectionStateHandler(
                idleTimeout: .nanoseconds(limits.idleTimeout.nanoseconds), logger: logger),
        ])
        let parts = try NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>(
            wrappingChannelSynchronously: channel,
            configuration: .init(isOutboundHalfClosureEnabled: true))
        return Connection(parts: parts, handedOver: handedOver)
    }

    /// Closes a connection whose address has its share. It is set up all the same, since the server treats a failing set-up
    /// as a fault of its own.
    private func admit(_ channel: any Channel, _ logger: Logger) {
        guard let shares = limits.shares, let address = channel.remoteAddress.flatMap({ IPAddress($0) })
        else {
            return
        }
        switch shares.take(address) {
        case .granted: channel.closeFuture.whenComplete { _ in shares.release(address) }
        case .refused(let isNews):
            if isNews {
                logger.warning(
                    """
                    an address holds as many connections as limits.connections_per_address allows, and more are closed; \
                    if it is a proxy, list it in listen.trusted_proxies
                    """, metadata: ["address": "\(address)"])
            }
            channel.close(promise: nil)
        }
    }
}
