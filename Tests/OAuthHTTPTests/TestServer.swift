import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// A provider that behaves as its path says, and remembers what reached it.
final class TestServer: Sendable {
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup
    private let log: RequestLog
    private let connections: RequestLog

    /// On 127.0.0.1 and a free port, with TLS where a context is given.
    init(tls: NIOSSLContext? = nil) async throws {
        let log = RequestLog()
        self.log = log
        let connections = RequestLog()
        self.connections = connections
        // Not the client's threads: a server that floods must not slow the client that it is there to test.
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    connections.add("")
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls))
                    }
                    try channel.pipeline.syncOperations.addHandler(TestHandler(log: log))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    var port: Int { channel.localAddress?.port ?? 0 }
    var requests: [String] { log.all }
    var connectionCount: Int { connections.all.count }

    func url(_ path: String, host: String = "127.0.0.1", scheme: String = "http") -> String {
        "\(scheme)://\(host):\(port)\(path)"
    }

    func close() async throws {
        try await channel.close()
        try await group.shutdownGracefully()
    }
}

/// Takes connections and never says a word.
final class SilentServer: Sendable {
    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup
    private let connections: RequestLog

    init(host: String, port: Int) async throws {
        let connections = RequestLog()
        self.connections = connections
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { connections.add("") }
            }
            .bind(host: host, port: port).get()
    }

    var port: Int { channel.localAddress?.port ?? 0 }
    var connectionCount: Int { connections.all.count }

    func close() async throws {
        try await channel.close()
        try await group.shutdownGracefully()
    }
}

final class RequestLog: Sendable {
    private let texts = Mutex<[String]>([])

    var all: [String] { texts.withLock { $0 } }

    func add(_ text: String) { texts.withLock { $0.append(text) } }
}

private final class TestHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let log: RequestLog
    private var received = ""

    init(log: RequestLog) { self.log = log }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += String(buffer: unwrapInboundIn(data))
        guard let request = wholeRequest() else { return }
        received = ""
        log.add(request)
        let path = String(request.split(separator: " ")[1].prefix { $0 != "?" })
        switch path {
        case "/ok": Self.answer(context.channel, status: "200 OK", body: "{\"access_token\":\"A\"}")
        case _ where TestCodings.named[path] != nil:
            Self.answer(context.channel, coded: path)
        case "/keep-then-close":
            Self.answer(context.channel, status: "200 OK", body: "{}")
            let channel = context.channel
            context.eventLoop.scheduleTask(in: .milliseconds(50)) { channel.close(promise: nil) }
        case "/twice":
            let one = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
            Self.write(context.channel, one + "{}" + one + "[]")
        case "/no-content-with-content":
            Self.write(context.channel, "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n")
        case "/no-content-of-length-0":
            Self.write(context.channel, "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")
        case "/byte-order-mark":
            Self.answer(context.channel, status: "200 OK", body: "\u{FEFF}{\"access_token\":\"A\"}")
        case "/early-hints":
            Self.write(context.channel, "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
            Self.answer(context.channel, status: "200 OK", body: "{}")
        case "/headers":
            Self.write(
                context.channel,
                "HTTP/1.1 200 OK\r\nX: \(String(repeating: "x", count: 70_000))\r\nContent-Length: 0\r\n\r\n")
        case "/unavailable":
            Self.answer(
                context.channel, status: "503 Service Unavailable", headers: "Retry-After: 120\r\n", body: "")
        case "/unavailable-for-ever":
            Self.answer(
                context.channel, status: "429 Too Many Requests", headers: "Retry-After: 999999999\r\n",
                body: "{\"error\":\"invalid_grant\"}")
        case "/slow-down":
            Self.answer(context.channel, status: "400 Bad Request", body: "{\"error\":\"slow_down\"}")
        case "/server-error":
            Self.answer(context.channel, status: "200 OK", body: "{\"error\":\"server_error\"}")
        case "/bad":
            Self.answer(context.channel, status: "400 Bad Request", body: "{\"error\":\"invalid_grant\"}")
        case "/redirect":
            Self.answer(context.channel, status: "302 Found", headers: "Location: /ok\r\n", body: "")
        case "/loop":
            Self.answer(context.channel, status: "307 Moved", headers: "Location: /loop\r\n", body: "")
        case "/large":
            Self.answer(context.channel, status: "200 OK", body: String(repeating: "x", count: 1 << 20 + 1))
        case "/full":
            Self.answer(context.channel, status: "200 OK", body: String(repeating: "x", count: 1 << 20))
        case "/endless":
            Self.endless(
                context.channel, chunk: String(repeating: "x", count: 1 << 16), every: .milliseconds(1))
        case "/drip": Self.endless(context.channel, chunk: "x", every: .milliseconds(20))
        case "/slow":
            let channel = context.channel
            context.eventLoop.scheduleTask(in: .milliseconds(300)) {
                Self.answer(channel, status: "200 OK", body: "slow")
            }
        case "/header-drip":
            Self.drip(context.channel, "HTTP/1.1 200 OK\r\nX: " + String(repeating: "x", count: 500))
        case "/garbage": Self.write(context.channel, "\u{0}\u{1}garbage\r\n\r\n\r\n", close: true)
        case "/cut":
            Self.write(
                context.channel, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"access", close: true)
        case "/close": context.close(promise: nil)
        case "/hang": break
        case "/.well-known/openid-configuration", "/other/.well-known/openid-configuration":
            let base = "http://127.0.0.1:\(context.localAddress?.port ?? 0)"
            let body = """
                {"issuer":"\(base)","authorization_endpoint":"\(base)/a","token_endpoint":"\(base)/t"}
                """
            Self.answer(context.channel, status: "200 OK", body: body)
        case "/.well-known/oauth-authorization-server/rfc8414", "/.well-known/openid-configuration/inserted":
            let base = "http://127.0.0.1:\(context.localAddress?.port ?? 0)"
            let issuer = path.split(separator: "/").last ?? ""
            let body = """
                {"issuer":"\(base)/\(issuer)","authorization_endpoint":"\(base)/a","token_endpoint":"\(base)/t"}
                """
            Self.answer(context.channel, status: "200 OK", body: body)
        default: Self.answer(context.channel, status: "404 Not Found", body: "nothing")
        }
    }

    private func wholeRequest() -> String? {
        guard let end = received.range(of: "\r\n\r\n") else { return nil }
        let head = received[..<end.lowerBound].lowercased()
        let length = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).filter { $0 != " " }) }
        return received[end.upperBound...].utf8.count >= (length ?? 0) ? received : nil
    }

    private static func answer(_ channel: any Channel, status: String, headers: String = "", body: String) {
        write(
            channel,
            "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\n\(headers)"
                + "Content-Length: \(body.utf8.count)"
                + "\r\n\r\n\(body)")
    }

    /// A body under a content coding.
    private static func answer(_ channel: any Channel, coded path: String) {
        guard let (coding, body) = TestCodings.named[path] else { return }
        let head = "HTTP/1.1 200 OK\r\nContent-Encoding: \(coding)\r\nContent-Length: \(body.count)\r\n\r\n"
        channel.writeAndFlush(ByteBuffer(bytes: Array(head.utf8) + body), promise: nil)
    }

    private static func write(_ channel: any Channel, _ text: String, close: Bool = false) {
        channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
        if close { channel.close(promise: nil) }
    }

    private static func endless(_ channel: any Channel, chunk: String, every pause: TimeAmount) {
        write(channel, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        let text = "\(String(chunk.utf8.count, radix: 16))\r\n\(chunk)\r\n"
        channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: pause) { task in
            guard channel.isActive else { return task.cancel() }
            write(channel, text)
        }
    }

    private static func drip(_ channel: any Channel, _ text: String) {
        for (index, octet) in text.utf8.enumerated() {
            channel.eventLoop.scheduleTask(in: .milliseconds(20 * Int64(index))) {
                if channel.isActive { write(channel, String(decoding: [octet], as: UTF8.self)) }
            }
        }
    }
}

extension String {
    fileprivate func range(of text: String) -> Range<String.Index>? { firstRange(of: text) }
}
