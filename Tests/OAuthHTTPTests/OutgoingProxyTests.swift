import Encodings
import Integrations
import NIOCore
import NIOPosix
import NIOSSL
import OAuth
import Testing

@testable import OAuthHTTP

@Suite("OutgoingProxy", .timeLimit(.minutes(1))) struct OutgoingProxyTests {
    @Test(arguments: [
        ("http://proxy.internal:3128", "proxy.internal", 3_128),
        ("http://proxy.internal", "proxy.internal", 80),
        ("proxy.internal:8080", "proxy.internal", 8_080), ("HTTP://Proxy:1/", "proxy", 1),
        ("http://[fd00::1]:3128", "fd00::1", 3_128), ("http://10.0.0.1:3128", "10.0.0.1", 3_128),
        ("http://user:p%40ss@proxy:3128", "proxy", 3_128),
    ]) func `a proxy's URL is read`(_ text: String, _ host: String, _ port: Int) throws {
        let proxy = try OutgoingProxy(text, exceptions: [])
        #expect(proxy.host == host)
        #expect(proxy.port == port)
        #expect(proxy.authorization == (text.contains("@") ? "Basic dXNlcjpwQHNz" : nil))
    }

    @Test(arguments: [
        ("https://proxy:3128", OutgoingProxyError.notHTTP), ("socks5://proxy", .notHTTP), ("", .badHost),
        ("http://", .badHost), ("http://a b", .badHost), ("http://proxy/path", .badHost),
        ("http://a\r\nX: y", .badHost), ("http://[::1", .badHost), ("http://[x]", .badHost),
        ("http://proxy:0", .badPort), ("http://proxy:99999", .badPort), ("http://proxy:", .badPort),
        ("http://[::1]x", .badPort), ("http://a%zz@proxy", .badCredentials),
        ("http://a%2@proxy", .badCredentials), ("http://a%+A@proxy", .badCredentials),
        ("http://a:%-1@proxy", .badCredentials),
    ]) func `what names no proxy is rejected`(_ text: String, _ error: OutgoingProxyError) {
        #expect(throws: error) { try OutgoingProxy(text, exceptions: []) }
    }

    @Test func `a plus sign in a password is one, and its octets need not be UTF-8`() throws {
        let proxy = try OutgoingProxy("http://u+1:%ff+@proxy", exceptions: [])
        let credentials = Array("u+1:".utf8) + [0xFF, 0x2B]
        #expect(proxy.authorization == "Basic \(Base64.encode(credentials.span))")
    }

    @Test(arguments: [
        ("example.com", "example.com", true), ("example.com", "id.example.com", true),
        (".example.com", "id.example.com", true), ("*.example.com", "id.example.com", true),
        ("example.com", "notexample.com", false), ("example.com", "example.com.evil.test", false),
        ("EXAMPLE.com ", "example.com", true), ("10.0.0.0/8", "10.1.2.3", true),
        ("10.0.0.0/8", "11.1.2.3", false),
        ("10.1.2.3", "10.1.2.3", true), ("[fd00::1]", "fd00::1", true), ("*", "anything", true),
        ("", "a", false),
    ]) func `hosts that are listed are reached without it`(_ rule: String, _ host: String, _ isExcepted: Bool)
        throws
    {
        #expect(try OutgoingProxy("http://proxy", exceptions: [rule]).isUsed(for: host) != isExcepted)
    }

    // MARK: Tunnels

    /// Sends one request to `https://HOST:PORT/ok` through a proxy that answers `response`, or makes the tunnel.
    private func send(
        host: String = "provider.test", isNamedByCaller: Bool = false, response: String? = nil,
        proxyURL: String = "http://user:secret@127.0.0.1:PORT", exceptions: [String] = [],
        addresses: [String: [IPAddress]] = [:], allowsLoopback: Bool = true
    ) async throws -> (Result<ProviderResponse, ProviderRequestError>, requests: [String], heads: [String]) {
        let server = try await TestServer(tls: TestCertificate.serverContext())
        let proxy = try await TestProxy(target: server.port, response: response)
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = try .certificates([TestCertificate.certificate()])
        var configuration = ProviderHTTPConfiguration(
            timeout: .seconds(5), connectTimeout: .seconds(1), allowsInsecureLoopback: allowsLoopback)
        configuration.proxy = try OutgoingProxy(
            proxyURL.replacing("PORT", with: "\(proxy.port)"), exceptions: exceptions)
        let client = ProviderHTTPClient(configuration, tlsConfiguration: tls) { host, _ in
            if let known = addresses[host] { return known }
            return IPAddress(host).map { [$0] } ?? []
        }
        var request = ProviderRequest(
            method: .post, url: server.url("/ok", host: host, scheme: "https"), headers: [],
            body: Array("code=C".utf8))
        request.isHostNamedByCaller = isNamedByCaller
        let result: Result<ProviderResponse, ProviderRequestError>
        do throws(ProviderRequestError) {
            result = .success(try await client.send(request, as: .exchange))
        } catch {
            result = .failure(error)
        }
        let heads = proxy.requests.map { $0.replacing(":\(server.port)", with: ":PORT") }
        await client.shutdown()
        try await proxy.close()
        try await server.close()
        return (result, server.requests, heads)
    }

    @Test func `a request goes through a tunnel, and the proxy looks the name up`() async throws {
        let (result, requests, heads) = try await send()
        #expect(try result.get().status == 200)
        #expect(requests.count == 1)
        #expect(
            heads == [
                "CONNECT provider.test:PORT HTTP/1.1\r\nHost: provider.test:PORT\r\n"
                    + "Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=\r\n\r\n"
            ])
    }

    @Test
    func `S19 a host that a caller names is looked up and checked here, and tunnelled to as an address`()
        async throws
    {
        let (result, requests, heads) = try await send(
            isNamedByCaller: true, addresses: ["provider.test": [.v4([127, 0, 0, 1])]])
        #expect(try result.get().status == 200)
        #expect(requests.count == 1)
        #expect(heads.first?.hasPrefix("CONNECT 127.0.0.1:PORT HTTP/1.1\r\n") == true)
    }

    @Test(arguments: [
        ("provider.test", true), ("10.0.0.1", false), ("169.254.169.254", false), ("2130706433", false),
        ("0x7f.1", false), ("127.1", false), ("x.localhost", false),
    ]) func `S19 a proxy is no way into a private network`(_ host: String, _ isNamedByCaller: Bool)
        async throws
    {
        let inside: [IPAddress] = [.v4([10, 0, 0, 1])]
        let (result, requests, heads) = try await send(
            host: host, isNamedByCaller: isNamedByCaller,
            addresses: [
                "provider.test": inside, "2130706433": inside, "0x7f.1": inside, "127.1": inside,
                "x.localhost": inside,
            ], allowsLoopback: false)
        #expect(throws: ProviderRequestError.forbiddenAddress) { try result.get() }
        #expect(requests.isEmpty && heads.isEmpty)
    }

    @Test(
        arguments: [
            ("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 4\r\n\r\nnope", 407),
            ("HTTP/1.1 403 Forbidden\r\n\r\n", 403), ("HTTP/1.0 502 Bad Gateway\r\n\r\n", 502),
            ("garbage\r\n\r\n", nil), ("HTTP/1.1 200 OK\r\n\r\nand more", 200),
        ] as [(String, Int?)]) func `a proxy that makes no tunnel has been sent nothing`(
            _ response: String, _ status: Int?
        )
        async throws
    {
        let (result, requests, _) = try await send(response: response)
        #expect(throws: ProviderRequestError.proxyRejected(status: status)) { try result.get() }
        #expect(ProviderRequestError.proxyRejected(status: status).isCertainlyNotSent)
        #expect(requests.isEmpty)
    }

    @Test func `a host that is listed is reached without the proxy`() async throws {
        let (result, requests, heads) = try await send(
            exceptions: ["provider.test"], addresses: ["provider.test": [.v4([127, 0, 0, 1])]])
        #expect(try result.get().status == 200)
        #expect(requests.count == 1)
        #expect(heads.isEmpty)
    }
}

/// A proxy that makes every tunnel lead to one port of this machine, or says what it is told to.
final class TestProxy: Sendable {
    private let channel: any Channel
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let log = RequestLog()

    init(target: Int, response: String?) async throws {
        channel = try await ServerBootstrap(group: group)
            .childChannelInitializer { [log] channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        TunnelHandler(target: target, response: response, log: log))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    var port: Int { channel.localAddress?.port ?? 0 }
    var requests: [String] { log.all }

    func close() async throws {
        try await channel.close()
        try await group.shutdownGracefully()
    }
}

private final class TunnelHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let target: Int
    private let response: String?
    private let log: RequestLog
    private var peer: (any Channel)?

    init(target: Int, response: String?, log: RequestLog) {
        self.target = target
        self.response = response
        self.log = log
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let octets = unwrapInboundIn(data)
        if let peer { return peer.writeAndFlush(octets, promise: nil) }
        log.add(String(buffer: octets))
        let client = context.channel
        if let response { return client.writeAndFlush(ByteBuffer(string: response), promise: nil) }
        let loop = context.eventLoop
        let me = NIOLoopBound(self, eventLoop: loop)
        ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RelayHandler(to: client))
                }
            }
            .connect(host: "127.0.0.1", port: target).whenSuccess { peer in
                me.value.peer = peer
                client.writeAndFlush(
                    ByteBuffer(string: "HTTP/1.1 200 Connection established\r\n\r\n"), promise: nil)
            }
    }

    func channelInactive(context: ChannelHandlerContext) { peer?.close(promise: nil) }
}

private final class RelayHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let other: any Channel

    init(to other: any Channel) { self.other = other }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        other.writeAndFlush(unwrapInboundIn(data), promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) { other.close(promise: nil) }
}
