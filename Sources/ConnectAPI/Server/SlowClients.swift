internal import ConnectService
internal import Glibc
package import NIOCore
package import NIOHTTP1

/// Ends connections of clients that take too long over a request, or over reading an answer, and answers those whose
/// header is too large.
///
/// It belongs to one connection and its event loop. Time is looked at every few seconds, not for each request.
package final class SlowClients: ChannelDuplexHandler {
    package typealias InboundIn = HTTPServerRequestPart
    package typealias InboundOut = HTTPServerRequestPart
    package typealias OutboundIn = HTTPServerResponsePart
    package typealias OutboundOut = HTTPServerResponsePart

    /// How long a client may take.
    package struct Patience: Sendable {
        /// From the connection's begin to the end of its first header.
        package var header: TimeAmount
        /// From a header's end to its body's.
        package var body: TimeAmount
        /// While nothing of an answer can be sent.
        package var answer: TimeAmount

        package init(
            header: TimeAmount = .seconds(10), body: TimeAmount = .seconds(15),
            answer: TimeAmount = .seconds(20)
        ) {
            self.header = header
            self.body = body
            self.answer = answer
        }
    }

    private let patience: Patience
    private let interval: TimeAmount
    /// The deadline for what the client is sending; `nil` while we respond or the connection is idle.
    private var reading: NIODeadline?
    private var writing: NIODeadline?
    private var look: Scheduled<Void>?

    package init(_ patience: Patience = Patience()) {
        self.patience = patience
        interval = .nanoseconds(min(patience.header, patience.body, patience.answer).nanoseconds / 2)
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        reading = .now() + patience.header
        schedule(context)
    }

    package func handlerRemoved(context: ChannelHandlerContext) { look?.cancel() }

    package func channelInactive(context: ChannelHandlerContext) {
        look?.cancel()
        look = nil
        context.fireChannelInactive()
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: reading = .now() + patience.body
        case .body: break
        case .end: reading = nil
        }
        context.fireChannelRead(data)
    }

    package func channelWritabilityChanged(context: ChannelHandlerContext) {
        writing = context.channel.isWritable ? nil : .now() + patience.answer
        context.fireChannelWritabilityChanged()
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard case HTTPParserError.headerOverflow = error else {
            context.fireErrorCaught(error)
            return
        }
        let head = HTTPResponseHead(
            version: .http1_1, status: .requestHeaderFieldsTooLarge,
            headers: [
                "Connection": "close", "Content-Length": "0",
                EventLoopHandler.idField:
                    EventLoopTurn.current(of: context.eventLoop).nextRequestID().description,
            ])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }

    private func schedule(_ context: ChannelHandlerContext) {
        look = context.eventLoop.assumeIsolated().scheduleTask(in: interval) {
            let now = NIODeadline.now()
            if let writing = self.writing, writing <= now {
                Self.cutOff(context)
            } else if let reading = self.reading, reading <= now {
                context.close(promise: nil)
            } else {
                self.schedule(context)
            }
        }
    }

    /// Ends the connection at once. What the kernel holds for a client that does not read would keep it otherwise.
    private static func cutOff(_ context: ChannelHandlerContext) {
        if let socket = context.channel as? any SocketOptionProvider {
            // On its own event loop, this is done when it returns; if it fails, the kernel gives up later.
            _ = socket.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        context.close(promise: nil)
    }
}

@available(*, unavailable)
extension SlowClients: Sendable {}
