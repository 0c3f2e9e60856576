import Encodings
import Integrations
import NIOCore
import NIOSSL
import OAuth
import Testing

@testable import OAuthHTTP

@Suite("ProviderHTTPClient", .timeLimit(.minutes(1))) struct ProviderHTTPClientTests {
    private func request(_ url: String, method: RequestMethod = .post) -> ProviderRequest {
        ProviderRequest(
            method: method, url: url, headers: [(name: "Content-Type", value: "text/plain")],
            body: method == .post ? Array("code=C".utf8) : [])
    }

    private static let local = ProviderHTTPConfiguration(
        timeout: .seconds(5), connectTimeout: .seconds(2), allowsInsecureLoopback: true)

    /// Sends one request to a server of its own and shuts everything down again.
    private func send(
        _ path: String, method: RequestMethod = .post, timeout: Duration = .seconds(5)
    ) async throws -> (Result<ProviderResponse, ProviderRequestError>, requests: [String], elapsed: Duration)
    {
        let server = try await TestServer()
        var configuration = Self.local
        configuration.timeout = timeout
        let client = ProviderHTTPClient(configuration)
        let start = ContinuousClock.now
        let result = await outcome(client, request(server.url(path), method: method))
        let elapsed = start.duration(to: .now)
        await client.shutdown()
        try await server.close()
        return (result, server.requests, elapsed)
    }

    private func outcome(
        _ client: ProviderHTTPClient, _ request: ProviderRequest
    ) async -> Result<ProviderResponse, ProviderRequestError> {
        do throws(ProviderRequestError) {
            return .success(try await client.send(request, as: .exchange))
        } catch {
            return .failure(error)
        }
    }

    private func failure(
        _ url: String, _ configuration: ProviderHTTPConfiguration = local,
        addresses: [String: [IPAddress]]? = nil, tls: TLSConfiguration = .makeClientConfiguration()
    ) async -> ProviderRequestError? {
        var resolve: ProviderHTTPClient.LookUp?
        if let addresses { resolve = { host, _ in addresses[host] ?? [] } }
        let client = ProviderHTTPClient(configuration, tlsConfiguration: tls, resolve: resolve)
        let result = await outcome(client, request(url))
        await client.shutdown()
        if case .failure(let error) = result { return error } else { return nil }
    }

    @Test func `a request arrives as it was made, and the response is handed over`() async throws {
        let (result, requests, _) = try await send("/ok?x=1")
        let response = try result.get()
        #expect(response.status == 200)
        #expect(response.contentType == "application/json")
        #expect(String(decoding: response.body, as: UTF8.self) == "{\"access_token\":\"A\"}")
        let head = try #require(requests.first).lowercased()
        #expect(head.hasPrefix("post /ok?x=1 http/1.1\r\n"))
        #expect(head.contains("\r\ncontent-type: text/plain\r\n"))
        #expect(head.contains("\r\nuser-agent: symbolon\r\n"))
        #expect(head.hasSuffix("\r\n\r\ncode=c"))
    }

    @Test func `a slow provider is asked by all at once, and not by a few at a time`() async throws {
        let server = try await TestServer()
        let client = ProviderHTTPClient(Self.local)
        let start = ContinuousClock.now
        let good = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    if case .success = await outcome(client, request(server.url("/slow"))) {
                        true
                    } else {
                        false
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(good == 100)
        // Eight at a time would take 13 times the 300 ms.
        #expect(start.duration(to: .now) < .seconds(2.5))
        await client.shutdown()
        try await server.close()
    }

    @Test func `GET has no body`() async throws {
        let (result, requests, _) = try await send("/ok", method: .get)
        #expect(try result.get().status == 200)
        #expect(requests.first?.hasPrefix("GET /ok ") == true)
        #expect(requests.first?.hasSuffix("\r\n\r\n") == true)
    }

    @Test func `an error status is a response`() async throws {
        #expect(try await send("/bad").0.get().status == 400)
    }

    @Test(arguments: [("/redirect", 302), ("/loop", 307)])
    func `S28 a redirect is handed over and not followed`(_ path: String, _ status: Int) async throws {
        let (result, requests, _) = try await send(path)
        #expect(try result.get().status == status)
        #expect(requests.count == 1)
    }

    @Test(arguments: ["/hang", "/drip", "/header-drip"])
    func `S28 a provider that hangs or drips costs the time-out and no more`(_ path: String) async throws {
        let (result, requests, elapsed) = try await send(path, timeout: .seconds(1))
        #expect(throws: ProviderRequestError.timedOut) { try result.get() }
        #expect(elapsed < .seconds(10), "\(elapsed)")
        #expect(requests.count == 1)
    }

    @Test(arguments: ["/large", "/endless"])
    func `S28 a response over 1 MiB is rejected`(_ path: String) async throws {
        let (result, requests, _) = try await send(path)
        #expect(throws: ProviderRequestError.tooLarge) { try result.get() }
        #expect(requests.count == 1)
    }

    @Test func `a response of 1 MiB is taken`() async throws {
        #expect(try await send("/full").0.get().body.count == 1 << 20)
    }

    @Test func `no content coding is asked for`() async throws {
        let (_, requests, _) = try await send("/ok")
        #expect(requests.first?.lowercased().contains("\r\naccept-encoding: identity\r\n") == true)
    }

    @Test(arguments: [
        "/gzip", "/deflate", "/byte-order-mark", "/x-gzip", "/members", "/raw-deflate", "/gzip-as-deflate",
        "/deflate-as-gzip", "/identity-gzip", "/charset", "/unlabelled", "/only-labelled",
    ])
    func `content in a coding that was not asked for is decoded all the same`(_ path: String) async throws {
        let response = try await send(path).0.get()
        #expect(String(decoding: response.body, as: UTF8.self) == "{\"access_token\":\"A\"}")
    }

    @Test func `no content is no content, whatever its coding is said to be`() async throws {
        #expect(try await send("/no-content").0.get().body.isEmpty)
    }

    @Test(arguments: [
        "/br", "/bad-gzip", "/bad-deflate", "/cut-gzip", "/cut-deflate", "/gzip-and-more", "/other-sum",
        "/raw-gzip", "/three-codings", "/unknown-flag",
    ])
    func `content that cannot be decoded has an unknown outcome`(_ path: String) async throws {
        let (result, requests, _) = try await send(path)
        #expect(throws: ProviderRequestError.unreadable) { try result.get() }
        #expect(requests.count == 1)
        #expect(!ProviderRequestError.unreadable.isCertainlyNotSent)
    }

    @Test(arguments: ["/bomb", "/member-bomb"]) func `S28 compressed content is decoded up to 1 MiB`(
        _ path: String
    ) async throws {
        let (result, _, elapsed) = try await send(path)
        #expect(throws: ProviderRequestError.tooLarge) { try result.get() }
        #expect(elapsed < .seconds(2), "\(elapsed)")
    }

    @Test func `S28 a response head over 64 KiB is not read`() async throws {
        let (result, _, _) = try await send("/headers")
        #expect(throws: ProviderRequestError.interrupted) { try result.get() }
    }

    @Test func `an interim response is not the response`() async throws {
        #expect(try await send("/early-hints").0.get().status == 200)
    }

    @Test(arguments: ["/garbage", "/cut", "/close"])
    func `S09 a broken response has an unknown outcome and is not tried again`(_ path: String) async throws {
        let (result, requests, _) = try await send(path)
        #expect(throws: ProviderRequestError.interrupted) { try result.get() }
        #expect(requests.count == 1)
        #expect(!ProviderRequestError.interrupted.isCertainlyNotSent)
    }

    @Test(arguments: ["/garbage", "/cut", "/close"])
    func `S09 a broken response is not asked for again at the next address`(_ path: String) async throws {
        let server = try await TestServer()
        let twice: [String: [IPAddress]] = ["localhost": [.v4([127, 0, 0, 1]), .v4([127, 0, 0, 1])]]
        #expect(await failure(server.url(path, host: "localhost"), addresses: twice) == .interrupted)
        #expect(server.requests.count == 1)
        try await server.close()
    }

    @Test func `a refused connection has sent nothing`() async throws {
        let server = try await TestServer()
        let url = server.url("/ok")
        try await server.close()
        let error = await failure(url)
        #expect(error == .unreachable)
        #expect(error?.isCertainlyNotSent == true)
    }

    @Test func `a name that does not resolve has sent nothing`() async throws {
        let error = await failure("https://nowhere.invalid/token")
        #expect(error == .unresolved)
        #expect(error?.isCertainlyNotSent == true)
    }

    @Test(arguments: [
        "http://example.com/", "http://10.0.0.1/", "ftp://example.com/", "https://a@b/", "", "https://{x}/",
    ])
    func `a URL that is no provider's is refused`(_ url: String) async throws {
        guard case .unacceptable = await failure(url) else {
            Issue.record("\(url) was not refused")
            return
        }
    }

    @Test func `S19 loopback is refused without the flag`() async throws {
        let closed = ProviderHTTPConfiguration()
        #expect(await failure("http://127.0.0.1:1/", closed) == .unacceptable(.notHTTPS))
        for host in [
            "127.0.0.1", "[::1]", "localhost", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]",
        ] {
            #expect(await failure("https://\(host):1/", closed) == .forbiddenAddress, "\(host)")
        }
    }

    @Test(arguments: [
        "10.0.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "224.0.0.1", "100.64.0.1", "fd00::",
        "fe80:101:101:101:101:101:101:101",
    ]) func `S19 a name with one address inside is refused, whatever the others are`(_ text: String)
        async throws
    {
        let inside = try #require(IPAddress(text))
        let addresses = ["provider.test": [.v4([93, 184, 216, 34]), inside]]
        #expect(await failure("https://provider.test/", addresses: addresses) == .forbiddenAddress)
    }

    @Test func `S19 private addresses are for operators who allow them, link-local for none`() async {
        var configuration = ProviderHTTPConfiguration(allowsPrivateAddresses: true)
        #expect(configuration.allows(.v4([10, 0, 0, 1])))
        #expect(!configuration.allows(.v4([127, 0, 0, 1])))
        configuration.allowsInsecureLoopback = true
        #expect(!configuration.allows(.v4([169, 254, 169, 254])))
    }

    @Test(arguments: [
        "169.254.169.254", "169.254.170.2", "169.254.170.23", "169.254.0.23", "100.100.100.200",
        "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:42::42",
        "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "::169.254.169.254",
    ]) func `S19 nothing allows the metadata addresses of a cloud`(_ text: String) throws {
        let configuration = ProviderHTTPConfiguration(
            allowsInsecureLoopback: true, allowsPrivateAddresses: true,
            allowedAddresses: ["0.0.0.0/0", "::/0"].compactMap { AddressRange($0) })
        #expect(configuration.allowedAddresses.count == 2)
        #expect(!configuration.allows(try #require(IPAddress(text))))
        #expect(!ProviderHTTPConfiguration().allows(try #require(IPAddress(text))))
    }

    @Test(arguments: CloudMetadata.addresses)
    func `S19 each metadata address is one`(_ text: String) throws {
        #expect(CloudMetadata.contains(try #require(IPAddress(text))))
    }

    @Test(arguments: ["198.18.0.5", "198.19.255.255", "240.240.0.9"])
    func `S19 what a network hands out in place of addresses is used where it is allowed`(_ text: String)
        throws
    {
        let address = try #require(IPAddress(text))
        #expect(!ProviderHTTPConfiguration().allows(address))
        #expect(ProviderHTTPConfiguration(allowsPrivateAddresses: true).allows(address))
        let ranges = ["198.18.0.0/15", "240.0.0.0/4"].compactMap { AddressRange($0) }
        #expect(ProviderHTTPConfiguration(allowedAddresses: ranges).allows(address))
        #expect(!ProviderHTTPConfiguration(allowedAddresses: ranges).allows(.v4([10, 0, 0, 1])))
    }

    @Test(arguments: [
        "255.255.255.255", "0.0.0.0", "224.0.0.1", "169.254.1.1", "fe80::1", "198.17.0.1", "203.0.113.1",
    ])
    func `S19 private addresses are not all that is special`(_ text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(
            ProviderHTTPConfiguration(allowsPrivateAddresses: true).allows(address) == (text == "198.17.0.1"))
    }

    @Test func `S19 the checked address is the one connected to, and no other look-up is made`() async throws
    {
        let server = try await TestServer()
        let lookUps = RequestLog()
        let client = ProviderHTTPClient(Self.local, tlsConfiguration: .makeClientConfiguration()) { host, _ in
            lookUps.add(host)
            return [.v4([127, 0, 0, 1])]
        }
        // The system's resolver knows no address for this name that a server of ours listens on.
        for host in ["localhost", "LocalHost"] {
            let result = await outcome(client, request(server.url("/ok", host: host)))
            #expect(throws: Never.self) { try result.get() }
        }
        #expect(lookUps.all == ["localhost", "localhost"])
        await client.shutdown()
        try await server.close()
    }

    @Test func `S19 TLS verifies the name while the connection goes to the pinned address`() async throws {
        let server = try await TestServer(tls: TestCertificate.serverContext())
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = try .certificates([TestCertificate.certificate()])
        let addresses: [String: [IPAddress]] = [
            "provider.test": [.v4([127, 0, 0, 1])], "other.test": [.v4([127, 0, 0, 1])],
        ]
        let good = server.url("/ok", host: "provider.test", scheme: "https")
        #expect(await failure(good, addresses: addresses, tls: tls) == nil)
        #expect(server.requests.count == 1)
        let wrongName = server.url("/ok", host: "other.test", scheme: "https")
        #expect(await failure(wrongName, addresses: addresses, tls: tls) == .insecureConnection)
        #expect(await failure(good, addresses: addresses) == .insecureConnection)
        #expect(server.requests.count == 1)
        try await server.close()
    }

    @Test func `plain HTTP behind an https URL has sent nothing`() async throws {
        let server = try await TestServer()
        let error = await failure(server.url("/ok", scheme: "https"))
        #expect(error == .unreachable)
        #expect(server.requests.isEmpty)
        try await server.close()
    }

    @Test func `requests in progress are counted, those that end early too`() async throws {
        let pool = ConnectionPool()
        try pool.beginRequest()
        try pool.beginRequest()
        #expect(pool.load == ProviderLoad(requestCount: 2, idleCount: 0, idleLimit: 256))
        pool.endRequest()
        pool.endRequest()
        #expect(pool.load.requestCount == 0)
        await pool.shutdown()
    }

    @Test func `a connection is used again, unless the provider closed it`() async throws {
        let server = try await TestServer()
        let client = ProviderHTTPClient(Self.local)
        #expect(client.load == ProviderLoad(requestCount: 0, idleCount: 0, idleLimit: 256))
        #expect(try await outcome(client, request(server.url("/ok"))).get().status == 200)
        #expect(client.load == ProviderLoad(requestCount: 0, idleCount: 1, idleLimit: 256))
        for path in ["/ok", "/keep-then-close"] {
            #expect(try await outcome(client, request(server.url(path))).get().status == 200)
        }
        #expect(server.connectionCount == 1)
        // Less than the three seconds after which the client closes it.
        try await Task.sleep(for: .seconds(1))
        #expect(try await outcome(client, request(server.url("/ok"))).get().status == 200)
        #expect(server.connectionCount == 2)
        await client.shutdown()
        try await server.close()
    }

    @Test func `a response without a request is not taken for the next one's`() async throws {
        let server = try await TestServer()
        let client = ProviderHTTPClient(Self.local)
        #expect(try await outcome(client, request(server.url("/twice"))).get().body == Array("{}".utf8))
        try await Task.sleep(for: .milliseconds(50))
        let second = try await outcome(client, request(server.url("/ok"))).get()
        #expect(String(decoding: second.body, as: UTF8.self) == "{\"access_token\":\"A\"}")
        #expect(server.connectionCount == 2)
        await client.shutdown()
        try await server.close()
    }

    @Test(arguments: [("/no-content-with-content", 2), ("/no-content-of-length-0", 1)])
    func `S09 content that a response cannot have is not taken for the next response`(
        _ path: String, _ connectionCount: Int
    ) async throws {
        let server = try await TestServer()
        let client = ProviderHTTPClient(Self.local)
        #expect(try await outcome(client, request(server.url(path))).get().body.isEmpty)
        #expect(try await outcome(client, request(server.url("/ok"))).get().status == 200)
        #expect(server.connectionCount == connectionCount)
        await client.shutdown()
        try await server.close()
    }

    @Test func `an address that takes connections and says nothing has sent nothing`() async throws {
        let silent = try await SilentServer(host: "127.0.0.2", port: 0)
        var configuration = Self.local
        configuration.connectTimeout = .milliseconds(300)
        let error = await failure(
            "https://silent.test:\(silent.port)/", configuration,
            addresses: ["silent.test": [.v4([127, 0, 0, 2])]])
        #expect(error == .unreachable)
        #expect(error?.isCertainlyNotSent == true)
        try await silent.close()
    }

    @Test func `an address that takes connections and says nothing does not hide the good one`() async throws
    {
        let server = try await TestServer(tls: TestCertificate.serverContext())
        let silent = try await SilentServer(host: "127.0.0.2", port: server.port)
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = try .certificates([TestCertificate.certificate()])
        var configuration = Self.local
        configuration.connectTimeout = .seconds(2)
        let client = ProviderHTTPClient(configuration, tlsConfiguration: tls) { _, _ in
            [.v4([127, 0, 0, 2]), .v4([127, 0, 0, 1])]
        }
        let url = server.url("/ok", host: "provider.test", scheme: "https")
        #expect(try await outcome(client, request(url)).get().status == 200)
        #expect(silent.connectionCount == 1)
        // The address that worked is remembered, so that the next connection does not wait for the other at all.
        while client.load.idleCount > 0 { try await Task.sleep(for: .milliseconds(20)) }
        #expect(try await outcome(client, request(url)).get().status == 200)
        #expect(server.connectionCount == 2)
        #expect(silent.connectionCount == 1)
        await client.shutdown()
        try await silent.close()
        try await server.close()
    }

    @Test func `the next address is taken only where no connection was made`() async throws {
        let server = try await TestServer()
        let addresses = ["localhost": [IPAddress.v4([127, 0, 0, 2]), .v4([127, 0, 0, 1])]]
        #expect(await failure(server.url("/ok", host: "localhost"), addresses: addresses) == nil)
        #expect(server.requests.count == 1)
        let again = ["localhost": [IPAddress.v4([127, 0, 0, 1]), .v4([127, 0, 0, 1])]]
        #expect(await failure(server.url("/close", host: "localhost"), addresses: again) == .interrupted)
        #expect(server.requests.count == 2)
        try await server.close()
    }

    @Test func `a deadline before the time-out is kept, and a past one sends nothing`() async throws {
        let server = try await TestServer()
        let client = ProviderHTTPClient(Self.local)
        let start = ContinuousClock.now
        await #expect(throws: ProviderRequestError.timedOut) {
            try await client.send(
                request(server.url("/hang")), as: .exchange, deadline: .now + .seconds(1))
        }
        #expect(start.duration(to: .now) < .seconds(10))
        await #expect(throws: ProviderRequestError.unresolved) {
            try await client.send(request(server.url("/ok")), as: .exchange, deadline: .now - .seconds(1))
        }
        #expect(server.requests.count == 1)
        await client.shutdown()
        try await server.close()
    }

    @Test func `a cancelled caller gets no half response`() async throws {
        let server = try await TestServer()
        let client = ProviderHTTPClient(Self.local)
        let task = Task { await outcome(client, request(server.url("/drip"))) }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        task.cancel()
        let result = await task.value
        #expect(throws: ProviderRequestError.self) { try result.get() }
        await client.shutdown()
        try await server.close()
    }

    @Test func `shutting down lets a request in progress finish and takes no other`() async throws {
        let server = try await TestServer()
        let client = ProviderHTTPClient(Self.local)
        async let slow = outcome(client, request(server.url("/slow")))
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        await client.shutdown()
        #expect(try await slow.get().status == 200)
        let late = await outcome(client, request(server.url("/ok")))
        #expect(throws: ProviderRequestError.self) { try late.get() }
        #expect(server.requests.count == 1)
        try await server.close()
    }

    @Test func `many requests at once each arrive once`() async throws {
        let server = try await TestServer()
        let client = ProviderHTTPClient(Self.local)
        let statuses = await withTaskGroup(of: Int?.self) { group in
            for index in 0..<50 {
                group.addTask {
                    let result = await outcome(client, request(server.url("/ok?n=\(index)")))
                    if case .success(let response) = result { return response.status } else { return nil }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.allSatisfy { $0 == 200 })
        #expect(Set(server.requests.map { $0.prefix { $0 != "\r" } }).count == 50)
        #expect(server.requests.count == 50)
        await client.shutdown()
        try await server.close()
    }
}
