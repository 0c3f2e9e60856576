internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypesHTTP1

/// Hummingbird's HTTP/1 connection with our handlers in front, where a request is still what the parser made of it.
struct GuardedChannel: ServerChildChannel {
    private let base: HTTP1Channel
    private let patience: SlowClients.Patience
    private let answering: (any AnsweringAtOnce)?
    /// Of the public URL.
    private let path: String

    init(
        _ base: HTTP1Channel, _ patience: SlowClients.Patience, _ answering: (any AnsweringAtOnce)?,
        path: String
    ) {
        self.base = base
        self.patience = patience
        self.answering = answering
        self.path = path
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { [patience, answering, path] value in
            let pipeline = channel.pipeline.syncOperations
            var handlers: [any ChannelHandler] = [SlowClients(patience)]
            if !path.isEmpty { handlers.append(PublicPath(path)) }
            if let answering {
                let encoder = try pipeline.context(handlerType: HTTPResponseEncoder.self)
                handlers.append(
                    EventLoopAnswers(answering, turn: .current(of: channel.eventLoop), past: encoder))
            }
            let types = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
            try pipeline.addHandlers(handlers, position: .before(types))
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
