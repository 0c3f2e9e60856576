import Foundation
import NIOHTTP1
import TestSupport
import Testing

/// RFC 9110 and 9112 as clients meet them, for what is answered on the event loop and for what is answered behind it.
@Suite("HTTP conformance", .timeLimit(.minutes(2))) struct HTTPConformanceTests {
    /// What comes back for some octets: statuses, contents, and whether the connection ends.
    private struct Reply {
        var statuses: [Int] = []
        var reasons: [String] = []
        var contents: [String] = []
        var connections: [String] = []
        var isWellFormed = true
        let isClosed: Bool

        /// - Parameter heads: which responses are to a HEAD.
        init(_ text: String, isClosed: Bool, heads: Set<Int>) {
            self.isClosed = isClosed
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                guard let end = rest.firstRange(of: Array("\r\n\r\n".utf8)) else {
                    isWellFormed = false
                    return
                }
                let lines = String(decoding: rest[..<end.lowerBound], as: UTF8.self).components(
                    separatedBy: "\r\n")
                rest = rest[end.upperBound...]
                let words = lines[0].split(separator: " ", maxSplits: 2)
                guard words.count == 3, words[0] == "HTTP/1.1", let status = Int(words[1]) else {
                    isWellFormed = false
                    return
                }
                func field(_ name: String) -> String? {
                    lines.dropFirst().first { $0.lowercased().hasPrefix("\(name):") }.map {
                        $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces)
                    }
                }
                let isBare = heads.contains(statuses.count) || status == 204 || status < 200
                let length = isBare ? 0 : field("content-length").flatMap { Int($0) } ?? -1
                guard 0...rest.count ~= length, status != 204 || field("content-length") == nil else {
                    isWellFormed = false
                    return
                }
                statuses.append(status)
                reasons.append(String(words[2]))
                contents.append(String(decoding: rest.prefix(length), as: UTF8.self))
                connections.append(field("connection")?.lowercased() ?? "")
                rest = rest.dropFirst(length)
            }
        }
    }

    private func send(_ text: String, to server: SymbolonServer, heads: Set<Int> = []) throws -> Reply {
        let connection = try RawConnection(port: server.port)
        connection.send(text)
        let (answer, isClosed) = connection.rest()
        return Reply(answer, isClosed: isClosed, heads: heads)
    }

    private struct Sample {
        let name: String
        let version: String
        let fields: [String]
        /// `nil`: that of the target.
        let status: Int?
        let closes: Bool
    }

    private static func samples(_ host: String) -> [Sample] {
        func sample(
            _ name: String, _ fields: [String], version: String = "1.1", _ status: Int? = nil,
            closes: Bool = false
        ) -> Sample {
            Sample(name: name, version: version, fields: fields, status: status, closes: closes)
        }
        let own = "Host: \(host)"
        return [
            sample("plain", [own]), sample("host in capitals", ["HOST: \(host)"]),
            sample("no host", [], 400, closes: true),
            sample("two hosts", [own, own], 400, closes: true),
            sample("an empty host", ["Host:"], 400, closes: true),
            sample("a host with a space", ["Host: a b"], 400, closes: true),
            sample("a host with a path", ["Host: \(host)/a"], 400, closes: true),
            sample("a host with user information", ["Host: user@\(host)"], 400, closes: true),
            sample("a host with half a literal", ["Host: [::1"], 400, closes: true),
            sample("a field without a name", [own, ": a"], 400, closes: true),
            sample("a space before the colon", [own, "X-A : b"], 400, closes: true),
            sample("HTTP/1.0", [own], version: "1.0", closes: true),
            sample("HTTP/1.0, keep-alive", [own, "Connection: Keep-Alive"], version: "1.0"),
            sample("HTTP/1.0, Expect", [own, "Expect: x"], version: "1.0", closes: true),
            sample("close", [own, "Connection: close"], closes: true),
            sample("close in capitals, among others", [own, "Connection: keep-alive, CLOSE"], closes: true),
            sample("close on a second line", [own, "Connection: TE", "Connection: close"], closes: true),
            sample("100-continue without content", [own, "Expect: 100-continue"]),
            sample("another expectation", [own, "Expect: 102-processing"], 417, closes: true),
            sample("two expectations", [own, "Expect: 100-continue", "Expect: x"], 417, closes: true),
            sample(
                "two framings", [own, "Content-Length: 0", "Transfer-Encoding: chunked"], 400, closes: true),
            sample("two lengths", [own, "Content-Length: 0", "Content-Length: 1"], 400, closes: true),
            sample("a length that is none", [own, "Content-Length: x"], 400, closes: true),
            sample(
                "HTTP/1.0 with a transfer coding", [own, "Transfer-Encoding: chunked"], version: "1.0", 400,
                closes: true),
        ]
    }

    @Test(arguments: [("/api/v1/oauth/callback/sandbox?state=AA", 400), ("/healthz", 200)])
    func `a request is read as RFC 9112 has it, on the event loop and behind it`(
        _ target: String, _ status: Int
    )
        async throws
    {
        let server = try await SymbolonServer.start()
        let host = "127.0.0.1:\(server.port)"
        for sample in Self.samples(host) {
            let fields = sample.fields.map { $0 + "\r\n" }.joined()
            let reply = try send("GET \(target) HTTP/\(sample.version)\r\n\(fields)\r\n", to: server)
            #expect(
                reply.isWellFormed && reply.statuses == [sample.status ?? status]
                    && reply.isClosed == sample.closes, "\(sample.name): \(reply)")
            if sample.closes, sample.status == nil {
                #expect(reply.connections == ["close"], "\(sample.name)")
            }
        }
        let own = "Host: \(host)\r\n"
        let absolute = try send("GET http://\(host)\(target) HTTP/1.1\r\n\(own)\r\n", to: server)
        #expect(absolute.isWellFormed && absolute.statuses == [status], "\(absolute)")
        let elsewhere = try send("GET http://evil.example\(target) HTTP/1.1\r\n\(own)\r\n", to: server)
        #expect(elsewhere.isWellFormed && elsewhere.statuses == [421], "\(elsewhere)")
        let one = "GET \(target) HTTP/1.1\r\n\(own)\r\n"
        let many = try send(one + "GET /healthz HTTP/1.1\r\n\(own)\r\n" + one + one, to: server)
        #expect(
            many.isWellFormed && many.statuses == [status, 200, status, status] && !many.isClosed, "\(many)")
        // What comes after a last request is not acted on.
        let last = try send(
            one + "GET \(target) HTTP/1.1\r\n\(own)Connection: close\r\n\r\n" + one, to: server)
        #expect(last.isWellFormed && last.statuses == [status, status] && last.isClosed, "\(last)")
        let faulty = try send(one + "GET \(target) HTTP/1.1\r\n\r\n" + one, to: server)
        #expect(faulty.isWellFormed && faulty.statuses == [status, 400] && faulty.isClosed, "\(faulty)")
        await server.stop()
    }

    @Test func `HEAD is GET without content on every route, and a callback's does nothing`() async throws {
        let server = try await SymbolonServer.start()
        let key = try server.apiKey()
        let fields = "Host: 127.0.0.1:\(server.port)\r\nX-API-Key: \(key)\r\n\r\n"
        let targets = [
            "/", "/healthz", "/readyz", "/openapi.json", "/metrics", "/api/v1/integrations",
            "/api/v1/integrations/sandbox", "/api/v1/integrations/none", "/api/v1/connections",
            "/api/v1/connections/none", "/nothing",
        ]
        // The first list reads the catalog, which takes a debug build longer than `send` waits.
        let list = try await server.send(.GET, "/api/v1/integrations", key: key)
        #expect(list.status == 200)
        for target in targets {
            // The next response of the connection stands where it should.
            let reply = try send(
                "HEAD \(target) HTTP/1.1\r\n\(fields)GET \(target) HTTP/1.1\r\n\(fields)", to: server,
                heads: [0])
            #expect(reply.isWellFormed && reply.statuses.count == 2, "\(target): \(reply)")
            #expect(reply.statuses.first == reply.statuses.last, "\(target): \(reply.statuses)")
        }
        for target in [
            "/api/v1/oauth/callback/sandbox?code=a&state=b", "/api/v1/oauth/callback/sandbo%78?code=a",
        ] {
            let reply = try send("HEAD \(target) HTTP/1.1\r\n\(fields)", to: server, heads: [0])
            #expect(reply.statuses == [204], "\(reply)")
        }
        let initiate = try send("HEAD /api/v1/oauth/initiate HTTP/1.1\r\n\(fields)", to: server, heads: [0])
        #expect(initiate.statuses == [405])
        await server.stop()
    }

    @Test func `a client that waits for 100 Continue gets it, or its answer`() async throws {
        let server = try await SymbolonServer.start()
        let key = try server.apiKey()
        func head(_ length: Int) -> String {
            "POST /api/v1/oauth/initiate HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\nX-API-Key: \(key)\r\n"
                + "Content-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: \(length)\r\n\r\n"
        }
        let body = #"{"integration_id": "sandbox"}"#
        let waiting = try RawConnection(port: server.port)
        waiting.send(head(body.utf8.count))
        #expect(waiting.rest().text == "HTTP/1.1 100 Continue\r\n\r\n")
        waiting.send(body)
        #expect(waiting.answer()?.status == 200)
        let eager = try send(head(body.utf8.count) + body, to: server)
        #expect(eager.statuses.last == 200 && eager.isWellFormed)
        let tooLarge = try RawConnection(port: server.port)
        tooLarge.send(head(1_000_000))
        #expect(tooLarge.answer()?.status == 413)
        await server.stop()
    }

    @Test func `a body in chunks, with trailers, is read`() async throws {
        let server = try await SymbolonServer.start()
        let key = try server.apiKey()
        let head =
            "POST /api/v1/oauth/initiate HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"
            + "X-API-Key: \(key)\r\nContent-Type: application/json\r\n"
            + "Transfer-Encoding: chunked\r\n\r\n"
        let chunks = "11;a=b\r\n{\"integration_id\"\r\nB\r\n:\"sandbox\"}\r\n"
        for end in ["0\r\n\r\n", "0\r\nX-Trailer: a\r\n\r\n"] {
            let reply = try send(head + chunks + end + head + chunks + end, to: server)
            #expect(reply.isWellFormed && reply.statuses == [200, 200], "\(reply)")
        }
        let broken = try send(head + "x\r\n", to: server)
        #expect(broken.statuses == [400] && broken.isClosed)
        await server.stop()
    }

    @Test func `reason phrases are the same on both paths`() async throws {
        let server = try await SymbolonServer.start()
        let key = try server.apiKey()
        let fields =
            "Host: 127.0.0.1:\(server.port)\r\nX-API-Key: \(key)\r\n"
            + "Content-Type: application/json\r\n"
        for (body, phrase) in [
            ("{}", "Unprocessable Content"), (String(repeating: " ", count: 17_000), "Content Too Large"),
        ] {
            let head =
                "POST /api/v1/oauth/initiate HTTP/1.1\r\n\(fields)Content-Length: \(body.utf8.count)\r\n"
            let atOnce = try send(head + "\r\n" + body, to: server)
            let behind = try send(head + "Connection: TE\r\n\r\n" + body, to: server)
            #expect(atOnce.reasons == [phrase] && behind.reasons == [phrase], "\(atOnce) \(behind)")
        }
        await server.stop()
    }

    @Test func `S28 one address holds no more than its share of connections, and others get theirs`()
        async throws
    {
        let server = try await SymbolonServer.start(environment: [
            "SYMBOLON_LIMITS_CONNECTIONS_PER_ADDRESS": "20"
        ])
        let clients = try (0..<40).map { _ in try RawConnection(port: server.port) }
        // Of those that are refused, this one's own client may hold a few in their place.
        try await eventually("20 are refused") { clients.count { $0.isClosed } >= 20 }
        let held = clients.filter { !$0.isClosed }.count {
            $0.send("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n\r\n")
            return $0.answer()?.status == 200
        }
        #expect((15...20).contains(held), "\(held)")
        #expect(try await server.log.contains("limits.connections_per_address"))
        for client in clients { client.shutDown() }
        try await eventually("there is room again") {
            (try? await server.send(.GET, "/healthz"))?.status == 200
        }
        await server.stop()
        // A proxy holds the connections of everybody behind it.
        let proxied = try await SymbolonServer.start(environment: [
            "SYMBOLON_LIMITS_CONNECTIONS_PER_ADDRESS": "5", "SYMBOLON_LISTEN_TRUSTED_PROXIES": "127.0.0.0/8",
        ])
        let many = try (0..<40).map { _ in try RawConnection(port: proxied.port) }
        for client in many {
            client.send("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:\(proxied.port)\r\n\r\n")
            #expect(client.answer()?.status == 200)
        }
        await proxied.stop()
    }
}
