import NIOCore
import NIOHTTP1
import NIOPosix

/// SwiftNIO with nothing in it but its HTTP/1.1 codec: every request gets the same JSON, and is not looked at.
@main enum Bare {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst().compactMap { Int($0) }
        guard arguments.count == 2, CommandLine.arguments.count == 3 else {
            preconditionFailure("usage: bare PORT OCTETS")
        }
        let frame = #"{"auth_url":""}"#
        let filling = String(repeating: "a", count: max(0, arguments[1] - frame.utf8.count))
        let body = ByteBuffer(string: #"{"auth_url":"\#(filling)"}"#)
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.backlog, value: 256)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Responder(body))
                }
            }
            .bind(host: "127.0.0.1", port: arguments[0]).get()
        try await channel.closeFuture.get()
    }
}

private final class Responder: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let head: HTTPResponseHead
    private let body: ByteBuffer

    init(_ body: ByteBuffer) {
        self.body = body
        head = HTTPResponseHead(
            version: .http1_1, status: .ok,
            headers: [
                "Content-Type": "application/json", "Cache-Control": "no-store",
                "Content-Length": "\(body.readableBytes)",
            ])
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = unwrapInboundIn(data) else { return }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
