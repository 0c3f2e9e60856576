package import NIOCore
package import NIOHTTP1

/// Answers what can be answered at once on the event loop that read it, and hands everything else to the server behind it.
///
/// Such a request asks nobody and waits for nothing, so it needs no task, and no thread but the one that has the connection's
/// socket. It is answered here if it came as a whole, in one read, while nothing before it on the connection is under way.
/// It belongs to one connection and its event loop.
package final class EventLoopAnswers: ChannelDuplexHandler {
    package typealias InboundIn = HTTPServerRequestPart
    package typealias InboundOut = HTTPServerRequestPart
    package typealias OutboundIn = HTTPServerResponsePart
    package typealias OutboundOut = HTTPServerResponsePart

    /// The server behind counts a connection as idle from the last request that it saw itself.
    static let interval = Duration.seconds(30)

    private struct Held {
        let head: HTTPRequestHead
        var body: ByteBuffer?
    }

    private let answering: any AnsweringAtOnce
    private let turn: EventLoopTurn
    /// Of the encoder, which has nothing to do for what is a whole message already.
    private let encoder: ChannelHandlerContext
    private let now: () -> ContinuousClock.Instant
    /// A request of which the end is not there yet.
    private var held: Held?
    /// Requests that the server behind has not answered.
    private var forwardedCount = 0
    private var lastForwarded: ContinuousClock.Instant
    /// Whether answers were written that are not sent yet.
    private var isUnsent = false

    package init(
        _ answering: any AnsweringAtOnce, turn: EventLoopTurn, past encoder: ChannelHandlerContext,
        now: @escaping () -> ContinuousClock.Instant = { .now }
    ) {
        self.answering = answering
        self.turn = turn
        self.encoder = encoder
        self.now = now
        lastForwarded = now()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head) where isNext(context) && Self.isPlain(head) && answering.mayAnswer(head):
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
            guard trailers == nil, let answer = answering.answer(to: held.head, body: held.body, from: peer)
            else {
                forward(held, context)
                return context.fireChannelRead(data)
            }
            write(answer, context)
        }
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        if let held {
            self.held = nil
            forward(held, context)
        }
        context.fireChannelReadComplete()
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { forwardedCount -= 1 }
        context.write(data, promise: promise)
    }

    package func flush(context: ChannelHandlerContext) {
        if isUnsent { send(context) } else { context.flush() }
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // What follows may close the connection, and the answers of this turn were asked for before.
        if isUnsent { send(context) }
        context.fireUserInboundEventTriggered(event)
    }

    /// Whether it asks nothing of the connection but that it stays.
    private static func isPlain(_ head: HTTPRequestHead) -> Bool {
        head.version == .http1_1
            && !head.headers.contains { name, value in
                name.isField("expect") || name.isField("connection") && !value.isField("keep-alive")
            }
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

    private func write(_ answer: Answer, _ context: ChannelHandlerContext) {
        let message = answer.message(date: turn.date, context.channel.allocator)
        encoder.write(NIOAny(IOData.byteBuffer(message)), promise: nil)
        guard !isUnsent else { return }
        isUnsent = true
        turn.atEnd { [self] in if isUnsent { send(context) } }
    }

    private func send(_ context: ChannelHandlerContext) {
        isUnsent = false
        answering.settle()
        context.flush()
    }
}

@available(*, unavailable)
extension EventLoopAnswers: Sendable {}
