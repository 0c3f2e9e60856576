internal import Encodings
internal import NIOCore
internal import NIOHTTP1
internal import NIOTLS

/// The last handler of a provider's connection: one request at a time, and its whole response within bounds.
final class ExchangeHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// A response, and whether the connection can be used again.
    struct Received: Sendable {
        let response: ProviderResponse
        let isReusable: Bool
    }

    private struct Exchange {
        let promise: EventLoopPromise<Received?>
        let byteCountLimit: Int
        let timer: Scheduled<Void>
        var head: HTTPResponseHead?
        var codings: [ContentCoding] = []
        var body: [UInt8] = []

        /// - Returns: whether the octets are within the bound; else they are not kept.
        mutating func take(_ octets: ByteBuffer) -> Bool {
            guard octets.readableBytes <= byteCountLimit - body.count else { return false }
            body.append(contentsOf: octets.readableBytesView)
            return true
        }
    }

    private let ready: EventLoopPromise<Void>
    private var context: ChannelHandlerContext?
    private var exchange: Exchange?
    private var isReusable = true

    /// - Parameter ready: kept when the TLS handshake is complete.
    init(ready: EventLoopPromise<Void>) { self.ready = ready }

    /// Hands a request to the connection. From here on it counts as sent.
    ///
    /// - Returns: nil if the connection had been closed before; then nothing was sent.
    func send(
        _ head: HTTPRequestHead, body: [UInt8], byteCountLimit: Int, deadline: NIODeadline
    ) -> EventLoopFuture<Received?>? {
        guard let context, context.channel.isActive, exchange == nil, isReusable else { return nil }
        let promise = context.eventLoop.makePromise(of: Received?.self)
        let timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            self.fail(.timedOut)
        }
        exchange = Exchange(promise: promise, byteCountLimit: byteCountLimit, timer: timer)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !body.isEmpty {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        return promise.futureResult
    }

    // MARK: Events

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        fail(.interrupted)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event { ready.succeed() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard exchange != nil else {
            // No request was sent: this must not be taken for the next one's response.
            isReusable = false
            context.close(promise: nil)
            return
        }
        switch unwrapInboundIn(data) {
        case .head(let head):
            let values = head.headers[canonicalForm: "Content-Encoding"]
            guard let codings = ContentCoding.read(values) else { return fail(.unreadable) }
            exchange?.codings = codings
            exchange?.head = head
        case .body(let octets):
            // In place: a copy of the exchange would have each part copy all parts before it.
            guard exchange?.take(octets) == true else { return fail(.tooLarge) }
        case .end: complete()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ready.fail(error)
        fail(.interrupted)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ready.fail(ChannelError.eof)
        fail(.interrupted)
        context.fireChannelInactive()
    }

    // MARK: Outcome

    private func complete() {
        guard let exchange, let head = exchange.head else { return fail(.interrupted) }
        let body: [UInt8]
        do throws(Inflate.Failure) {
            body = try ContentCoding.decode(
                exchange.body, exchange.codings, byteCountLimit: exchange.byteCountLimit)
        } catch {
            return fail(error == .tooLarge ? .tooLarge : .unreadable)
        }
        self.exchange = nil
        exchange.timer.cancel()
        isReusable = isReusable && head.isKeepAlive && !Self.announcesStrayContent(head)
        exchange.promise.succeed(
            Received(
                response: ProviderResponse(
                    status: Int(head.status.code), contentType: head.headers.first(name: "Content-Type"),
                    body: Self.withoutByteOrderMark(body), date: head.headers.first(name: "Date"),
                    cacheLifetime: CacheLifetime.read(
                        cacheControl: head.headers["Cache-Control"], age: head.headers.first(name: "Age")),
                    retryAfter: head.headers.first(name: "Retry-After")),
                isReusable: isReusable))
    }

    private func fail(_ error: ProviderRequestError) {
        isReusable = false
        // Before closing, which ends an exchange too.
        let failed = exchange
        exchange = nil
        failed?.timer.cancel()
        failed?.promise.fail(error)
        context?.close(promise: nil)
    }

    /// Content after a response that ends with its header (RFC 9112 §6.3) would be read as the next response.
    private static func announcesStrayContent(_ head: HTTPResponseHead) -> Bool {
        switch head.status.code {
        case 204, 304:
            head.headers.contains(name: "Transfer-Encoding")
                || head.headers["Content-Length"].contains { $0 != "0" }
        default: false
        }
    }

    /// Some servers write one before JSON, which readers may ignore (RFC 8259 §8.1).
    private static func withoutByteOrderMark(_ body: [UInt8]) -> [UInt8] {
        body.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(body.dropFirst(3)) : body
    }
}
