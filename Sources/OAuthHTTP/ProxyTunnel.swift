internal import NIOCore

/// Asks a proxy for a tunnel, and leaves the pipeline when it stands (RFC 9110 §9.3.6).
final class ProxyTunnel: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let byteCountLimit = 1 << 14
    private static let headEnd: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A]

    private let request: [UInt8]
    private let established: EventLoopPromise<Void>
    private var response: [UInt8] = []
    private var isEstablished = false

    /// - Parameter authority: where the tunnel leads, `host:port`.
    init(to authority: String, authorization: String?, established: EventLoopPromise<Void>) {
        var request = "CONNECT \(authority) HTTP/1.1\r\nHost: \(authority)\r\n"
        if let authorization { request += "Proxy-Authorization: \(authorization)\r\n" }
        self.request = Array((request + "\r\n").utf8)
        self.established = established
    }

    func handlerAdded(context: ChannelHandlerContext) {
        guard context.channel.isActive else { return established.fail(ChannelError.eof) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: request)), promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        if !isEstablished { established.fail(ChannelError.eof) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        response.append(contentsOf: unwrapInboundIn(data).readableBytesView)
        guard let end = response.firstRange(of: Self.headEnd) else {
            if response.count > Self.byteCountLimit {
                established.fail(ProviderRequestError.proxyRejected(status: nil))
            }
            return
        }
        let status = Self.status(response)
        // Nothing follows the head: a rejection is the end here, and no TLS server speaks first.
        guard let status, (200..<300).contains(status), end.upperBound == response.endIndex else {
            return established.fail(ProviderRequestError.proxyRejected(status: status))
        }
        isEstablished = true
        context.pipeline.syncOperations.removeHandler(context: context).cascade(to: established)
    }

    func channelInactive(context: ChannelHandlerContext) {
        established.fail(ChannelError.eof)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { established.fail(error) }

    /// `HTTP/1.1 200 Connection established`
    private static func status(_ response: [UInt8]) -> Int? {
        let line = response.prefix { $0 != 0x0D }.split(separator: 0x20, maxSplits: 2)
        guard line.count >= 2, line[0].starts(with: "HTTP/1.".utf8), line[1].count == 3 else { return nil }
        return Int(String(decoding: line[1], as: UTF8.self))
    }
}
