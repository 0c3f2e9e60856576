package import HTTPTypes
package import NIOCore
package import NIOHTTPTypes
internal import StateTokens

/// Answers initiate requests on the event loop that read them, and hands everything else to the server behind it.
///
/// An initiate asks nobody and waits for nothing, so it needs no task, and no thread but the one that has the connection's
/// socket. It is answered here if it came as a whole, in one read, while nothing before it on the connection is under way.
/// It belongs to one connection and its event loop.
package final class EventLoopInitiates: ChannelDuplexHandler, RemovableChannelHandler {
    package typealias InboundIn = HTTPRequestPart
    package typealias InboundOut = HTTPRequestPart
    package typealias OutboundIn = HTTPResponsePart
    package typealias OutboundOut = HTTPResponsePart

    /// The server behind counts a connection as idle from the last request that it saw itself.
    static let interval = Duration.seconds(30)

    private struct Held {
        let head: HTTPRequest
        var body: ByteBuffer?
    }

    /// Gives the answer to a whole request, or `nil` for one that the server behind has to answer.
    package typealias Answer = (HTTPRequest, ByteBuffer?, SocketAddress?) -> JSONAnswer?

    private let answer: Answer
    private let now: () -> ContinuousClock.Instant
    /// A request of which the end is not there yet.
    private var held: Held?
    /// Requests that the server behind has not answered.
    private var forwardedCount = 0
    private var lastForwarded: ContinuousClock.Instant
    /// Whether answers were written that are sent when all that was read is seen to.
    private var isUnsent = false
    private var date = HTTPDate(.now())

    package init(
        now: @escaping () -> ContinuousClock.Instant = { .now }, answer: @escaping Answer
    ) {
        self.answer = answer
        self.now = now
        lastForwarded = now()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head) where isNext(context) && InitiateAtOnce.takes(head):
            held = Held(head: head)
        case .head:
            forwardedCount += 1
            lastForwarded = now()
            context.fireChannelRead(data)
        case .body(var octets) where held != nil:
            held?.body.setOrWriteBuffer(&octets)
        case .body:
            context.fireChannelRead(data)
        case .end(let trailers):
            guard let held else { return context.fireChannelRead(data) }
            self.held = nil
            let peer = context.channel.remoteAddress
            guard trailers == nil, let answer = answer(held.head, held.body, peer)
            else {
                forward(held, context)
                return context.fireChannelRead(data)
            }
            send(answer, context)
        }
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        if let held {
            self.held = nil
            forward(held, context)
        }
        if isUnsent {
            isUnsent = false
            context.flush()
        }
        context.fireChannelReadComplete()
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { forwardedCount -= 1 }
        context.write(data, promise: promise)
    }

    /// Whether an answer of this handler would come in its turn, and would be read.
    private func isNext(_ context: ChannelHandlerContext) -> Bool {
        forwardedCount == 0 && context.channel.isWritable && now() - lastForwarded < Self.interval
    }

    private func forward(_ held: Held, _ context: ChannelHandlerContext) {
        forwardedCount += 1
        lastForwarded = now()
        context.fireChannelRead(wrapInboundOut(.head(held.head)))
        if let body = held.body { context.fireChannelRead(wrapInboundOut(.body(body))) }
    }

    private func send(_ answer: JSONAnswer, _ context: ChannelHandlerContext) {
        var headers = answer.headers
        headers[.contentLength] = String(answer.octets.count)
        headers[.date] = date.text(at: .now())
        let head = HTTPResponse(status: answer.status, headerFields: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        let body = context.channel.allocator.buffer(bytes: answer.octets)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: nil)
        isUnsent = true
    }
}

@available(*, unavailable)
extension EventLoopInitiates: Sendable {}
