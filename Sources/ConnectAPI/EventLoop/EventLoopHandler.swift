internal import ConnectService
package import NIOCore
package import NIOHTTP1

/// The first to see each request of a connection. It sees to what HTTP/1 itself asks, answers what can be answered at once
/// on the event loop that read it, and hands everything else to the server behind it.
///
/// A request that waits for nothing needs no task, and no thread but the one that has the connection's socket. It is
/// answered here if it came as a whole, in one read, while nothing before it on the connection is still to be answered.
/// The handler belongs to one connection and its event loop.
package final class EventLoopHandler: ChannelDuplexHandler {
    package typealias InboundIn = HTTPServerRequestPart
    package typealias InboundOut = HTTPServerRequestPart
    package typealias OutboundIn = HTTPServerResponsePart
    package typealias OutboundOut = HTTPServerResponsePart

    /// The server behind counts a connection as idle from the last request that it saw itself.
    static let interval = Duration.seconds(30)
    static let idField = "X-Request-Id"
    /// How long a client may take to read its last response before the connection is closed.
    private static let lingering = TimeAmount.seconds(2)
    private static let continuation = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")

    /// The request that is being read.
    private enum Inbound {
        case none
        /// Its end is not there yet.
        case held(Held)
        case forwarded
        /// The part is discarded.
        case dropped
    }

    /// A request as far as it was read. An object, because each of its parts would copy it otherwise.
    final class Held {
        let head: HTTPRequestHead
        let header: CallerHeader
        let rules: MessageRules
        let id: RequestIdentifier
        var body: ByteBuffer?

        init(_ head: HTTPRequestHead, _ header: CallerHeader, _ rules: MessageRules, _ id: RequestIdentifier)
        {
            self.head = head
            self.header = header
            self.rules = rules
            self.id = id
        }
    }

    /// A request that is still to be answered, by the server behind or with a rejection from here.
    private struct Exchange {
        let rules: MessageRules
        let id: RequestIdentifier
        let rejection: CompleteResponse?
    }

    private let answering: (any ImmediateResponder)?
    private let turn: EventLoopTurn
    /// Of the encoder, which has nothing to do for what is a whole message already.
    private let encoder: ChannelHandlerContext
    let handedOver: HandedOver
    private let now: () -> ContinuousClock.Instant
    private var inbound = Inbound.none
    private var exchanges = CircularBuffer<Exchange>(initialCapacity: 2)
    private var lastForwarded: ContinuousClock.Instant
    /// Whether answers were written that are not sent yet.
    private var isUnsent = false
    /// No request is read any more.
    private var isEnding = false
    /// The request that is being read cannot be read to its end.
    private var isBroken = false
    /// The last response is written.
    private var isEnded = false
    private var isContinueDue = false
    /// The request whose answer comes later, and what came behind it.
    var waiting: Waiting?
    private var closing: Scheduled<Void>?

    package init(
        _ answering: (any ImmediateResponder)?, turn: EventLoopTurn, past encoder: ChannelHandlerContext,
        handingOver handedOver: HandedOver = HandedOver(),
        now: @escaping () -> ContinuousClock.Instant = { .now }
    ) {
        self.answering = answering
        self.turn = turn
        self.encoder = encoder
        self.handedOver = handedOver
        self.now = now
        lastForwarded = now()
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        closing?.cancel()
        waiting = nil
    }

    package func channelInactive(context: ChannelHandlerContext) {
        waiting = nil
        context.fireChannelInactive()
    }

    // MARK: Requests

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if holdsBack(.part(data)) { return }
        switch unwrapInboundIn(data) {
        case .head(let head): read(head, context)
        case .body(let octets): read(octets, data, context)
        case .end(let trailers):
            switch inbound {
            case .none, .dropped: break
            case .forwarded: context.fireChannelRead(data)
            case .held(let held): answer(held, hasTrailers: trailers != nil, end: data, context)
            }
            inbound = .none
        }
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        if case .held(let held) = inbound {
            inbound = .forwarded
            _ = handedOver.take()
            forward(held.head, held.rules, held.id, held.body, context)
        }
        context.fireChannelReadComplete()
    }

    private func read(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        guard !isEnding else {
            inbound = .dropped
            return
        }
        var header = CallerHeader(head.headers)
        let rules = MessageRules(head, header)
        let request = Self.originForm(head, &header)
        let id = header.requestID.flatMap { RequestIdentifier($0) } ?? turn.nextRequestID()
        if let fault = rules.fault {
            inbound = .dropped
            isEnding = true
            exchanges.append(
                Exchange(rules: rules, id: id, rejection: fault.answer(answering?.documentation)))
            goOn(context)
        } else if rules.isPlain, isNext(context), answering?.mayRespond(request) ?? false {
            inbound = .held(Held(request, header, rules, id))
        } else {
            inbound = .forwarded
            if exchanges.isEmpty { _ = handedOver.take() }
            forward(request, rules, id, nil, context)
        }
    }

    /// The request with the path as its target; the authority of a target that has one takes `Host`'s place (RFC 9112
    /// §3.2.2).
    private static func originForm(_ head: HTTPRequestHead, _ header: inout CallerHeader) -> HTTPRequestHead {
        guard let target = AbsoluteForm(head.uri) else { return head }
        var head = head
        header.replaceHost(by: String(target.authority))
        head.headers.replaceOrAdd(name: "Host", value: String(target.authority))
        head.uri = target.path.utf8.starts(with: "/".utf8) ? String(target.path) : "/\(target.path)"
        return head
    }

    private func read(_ octets: ByteBuffer, _ data: NIOAny, _ context: ChannelHandlerContext) {
        switch inbound {
        case .none, .dropped: break
        case .forwarded:
            // It did not wait.
            isContinueDue = false
            context.fireChannelRead(data)
        case .held(let held):
            var octets = octets
            held.body.setOrWriteBuffer(&octets)
        }
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if holdsBack(.error(error)) { return }
        if error is HTTPParserError {
            isEnding = true
            isBroken = true
        }
        context.fireErrorCaught(error)
    }

    /// Whether an answer of this handler would come in its turn, and would be read.
    private func isNext(_ context: ChannelHandlerContext) -> Bool {
        exchanges.isEmpty && context.channel.isWritable && now() - lastForwarded < Self.interval
    }

    private func answer(
        _ held: Held, hasTrailers: Bool, end: NIOAny, _ context: ChannelHandlerContext
    ) {
        _ = handedOver.take()
        if !hasTrailers, let answering {
            let answer = answering.answer(
                to: held.head, held.header, body: held.body, from: context.channel.remoteAddress, held.id)
            settle(answer, held, end: end, context)
        } else {
            forward(held, end: end, context)
        }
    }

    /// Hands a whole request to the server behind.
    func forward(_ held: Held, end: NIOAny, _ context: ChannelHandlerContext) {
        forward(held.head, held.rules, held.id, held.body, context)
        context.fireChannelRead(end)
    }

    private func forward(
        _ head: HTTPRequestHead, _ rules: MessageRules, _ id: RequestIdentifier, _ body: ByteBuffer?,
        _ context: ChannelHandlerContext
    ) {
        exchanges.append(Exchange(rules: rules, id: id, rejection: nil))
        var head = head
        head.headers.replaceOrAdd(name: Self.idField, value: id.description)
        lastForwarded = now()
        if rules.isLast { isEnding = true }
        if rules.awaitsContinue {
            isContinueDue = true
            goOn(context)
        }
        context.fireChannelRead(wrapInboundOut(.head(head)))
        if let body { context.fireChannelRead(wrapInboundOut(.body(body))) }
    }

    // MARK: Responses

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // The server behind answers a broken request once as the request that it began to read, and once as broken.
        guard !isEnded else {
            promise?.succeed()
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let head):
            context.write(wrapOutboundOut(.head(completed(head))), promise: promise)
        case .body:
            guard exchanges.first?.rules.isHead ?? false else {
                context.write(data, promise: promise)
                return
            }
            promise?.succeed()
        case .end:
            context.write(data, promise: promise)
            guard let exchange = exchanges.popFirst() else { return }
            if exchange.rules.isLast || isBroken && exchanges.isEmpty { isEnded = true }
            goOn(context)
        }
    }

    package func flush(context: ChannelHandlerContext) {
        if isUnsent { send(context) } else { context.flush() }
        if isEnded { endConnection(context) }
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if holdsBack(.event(event)) { return }
        // What follows may close the connection, and the answers of this turn were asked for before.
        if isUnsent { send(context) }
        context.fireUserInboundEventTriggered(event)
    }

    /// The head of a response of the server behind, with RFC 9110's reason phrase and what its connection is told.
    private func completed(_ head: HTTPResponseHead) -> HTTPResponseHead {
        var head = head
        // For these two NIO has the phrases of RFC 7231 and RFC 4918.
        switch head.status.code {
        case 413: head.status = .custom(code: 413, reasonPhrase: "Content Too Large")
        case 422: head.status = .custom(code: 422, reasonPhrase: "Unprocessable Content")
        default: break
        }
        // What could not be read as a request has an id, too.
        let id = exchanges.first?.id ?? turn.nextRequestID()
        head.headers.replaceOrAdd(name: Self.idField, value: id.description)
        guard let rules = exchanges.first?.rules else { return head }
        if rules.isLast || isBroken && exchanges.count == 1 {
            head.headers.replaceOrAdd(name: "Connection", value: "close")
        } else if rules.saysKeepAlive {
            head.headers.replaceOrAdd(name: "Connection", value: "keep-alive")
        }
        return head
    }

    /// Sees to what is due to the request that is next to be answered.
    private func goOn(_ context: ChannelHandlerContext) {
        guard let exchange = exchanges.first else { return }
        if let rejection = exchange.rejection {
            exchanges.removeFirst()
            isEnded = true
            let message = rejection.message(
                date: turn.date, exchange.id, hasContent: !exchange.rules.isHead, isLast: true,
                context.channel.allocator)
            encoder.write(NIOAny(IOData.byteBuffer(message)), promise: nil)
            flush(context: context)
        } else if isContinueDue, exchanges.count == 1 {
            isContinueDue = false
            encoder.writeAndFlush(NIOAny(IOData.byteBuffer(Self.continuation)), promise: nil)
        }
    }

    func write(_ answer: CompleteResponse, _ id: RequestIdentifier, _ context: ChannelHandlerContext) {
        let message = answer.message(date: turn.date, id, context.channel.allocator)
        encoder.write(NIOAny(IOData.byteBuffer(message)), promise: nil)
        guard !isUnsent else { return }
        isUnsent = true
        turn.atEnd { [self] in if isUnsent { send(context) } }
    }

    private func send(_ context: ChannelHandlerContext) {
        isUnsent = false
        answering?.settle()
        context.flush()
    }

    /// Closes our half, and the rest when the client has had time to read its last response (RFC 9112 §9.6).
    private func endConnection(_ context: ChannelHandlerContext) {
        guard closing == nil else { return }
        context.close(mode: .output, promise: nil)
        closing = context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingering) {
            context.close(promise: nil)
        }
    }
}

@available(*, unavailable)
extension EventLoopHandler: Sendable {}
