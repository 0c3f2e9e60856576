internal import Encodings
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
package import OAuth

/// Strict providers on loopback. A request goes to `http://127.0.0.1:PORT/https/HOST/PATH`, and the provider sees it as
/// the one that was meant: `https://HOST/PATH`.
package final class MirrorServer: Sendable {
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup

    package init(_ provider: StrictProvider) async throws {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(MirrorHandler(provider))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    package func close() async throws {
        try await channel.close()
        try await group.shutdownGracefully()
    }

    /// A request of the product's own, to this server.
    package func redirected(_ request: ProviderRequest) -> ProviderRequest {
        let port = channel.localAddress?.port ?? 0
        let path = request.url.replacing("://", with: "/", maxReplacements: 1)
        return ProviderRequest(
            method: request.method, url: "http://127.0.0.1:\(port)/\(path)", headers: request.headers,
            body: request.body)
    }
}

private final class MirrorHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let provider: StrictProvider
    private var head: HTTPRequestHead?
    private var body = ""

    init(_ provider: StrictProvider) { self.provider = provider }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            body = ""
        case .body(let buffer): body += String(buffer: buffer)
        case .end:
            guard let head else { return }
            let headers = head.headers.map { ($0.name.lowercased(), $0.value) }
            let response = provider.respond(
                to: StrictProvider.Request(
                    method: head.method.rawValue,
                    url: String(head.uri.dropFirst()).replacing("/", with: "://", maxReplacements: 1),
                    headers: Dictionary(headers, uniquingKeysWith: { first, _ in first }), body: body))
            write(response, to: context)
        }
    }

    private func write(_ response: StrictProvider.Response, to context: ChannelHandlerContext) {
        let bytes = response.body.bytes
        let headers: HTTPHeaders = ["Content-Type": "application/json", "Content-Length": "\(bytes.count)"]
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: bytes)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
