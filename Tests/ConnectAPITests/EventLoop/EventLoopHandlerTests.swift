import ConnectPages
import ConnectService
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Synchronization
import Testing

@testable import ConnectAPI

/// What is answered on the event loop, and what goes on to the server behind.
@Suite("Responses on the event loop") struct EventLoopHandlerTests {
    static let path = "/api/v1/oauth/initiate"

    /// Answers with the number of the request, and counts what it was asked.
    private final class Initiates: ImmediateResponder {
        let documentation: ErrorDocumentation? = nil
        let answers: Bool
        let bodies = Mutex<[String]>([])
        /// How many answers were there each time that answers were about to be sent.
        let settled = Mutex<[Int]>([])

        init(answers: Bool) { self.answers = answers }

        func mayRespond(_ head: HTTPRequestHead) -> Bool {
            head.method == .POST && head.uri == EventLoopHandlerTests.path
        }

        func answer(
            to head: HTTPRequestHead, _ header: CallerHeader, body: ByteBuffer?, from peer: SocketAddress?,
            _ id: RequestIdentifier
        ) -> ImmediateResponse {
            guard answers else {
                let origin = RequestOrigin(arrival: .now, address: nil)
                return .handOver(AdmittedRequest(target: head.uri, origin: origin))
            }
            return bodies.withLock { bodies in
                bodies.append(body.map { String(buffer: $0) } ?? "")
                return .answer(CompleteResponse.json(octets: Array("{\(bodies.count)}".utf8)))
            }
        }

        func settle() {
            let count = bodies.withLock { $0.count }
            settled.withLock { $0.append(count) }
        }
    }

    /// A connection's end of the pipeline, with a clock that is set.
    private final class Connection {
        let channel = EmbeddedChannel()
        let initiates: Initiates
        let handedOver = HandedOver()
        var time = ContinuousClock.now
        /// Of what went on to the server behind.
        var forwardedIDs: [String] = []
        var bodies: [String] { initiates.bodies.withLock { $0 } }
        var settled: [Int] { initiates.settled.withLock { $0 } }

        init(answers: Bool = true) throws {
            initiates = Initiates(answers: answers)
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(HTTPResponseEncoder())
            let encoder = try pipeline.context(handlerType: HTTPResponseEncoder.self)
            let turn = EventLoopTurn(of: channel.eventLoop)
            try pipeline.addHandler(
                EventLoopHandler(initiates, turn: turn, past: encoder, handingOver: handedOver) {
                    [unowned self] in time
                })
        }

        /// Reads what came, and ends the turn.
        func read(_ parts: HTTPServerRequestPart...) {
            begin(parts)
            channel.embeddedEventLoop.run()
        }

        func begin(_ parts: [HTTPServerRequestPart]) {
            for part in parts { channel.pipeline.fireChannelRead(part) }
            channel.pipeline.fireChannelReadComplete()
        }

        /// What went on to the server behind, without the ids that requests are given.
        func forwarded() throws -> [HTTPServerRequestPart] {
            var parts: [HTTPServerRequestPart] = []
            while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
                guard case .head(var head) = part else {
                    parts.append(part)
                    continue
                }
                forwardedIDs += head.headers["X-Request-Id"]
                head.headers.remove(name: "X-Request-Id")
                parts.append(.head(head))
            }
            return parts
        }

        /// What went to the client, message by message.
        func sent() throws -> [String] {
            var octets = ByteBuffer()
            while let part = try channel.readOutbound(as: IOData.self) {
                guard case .byteBuffer(var part) = part else { continue }
                octets.writeBuffer(&part)
            }
            return String(buffer: octets).split(separator: /(?=HTTP\/1.1 )/).map(String.init)
        }

        /// The server behind answers.
        func answerBehind() throws {
            let head = HTTPResponseHead(version: .http1_1, status: .ok)
            try channel.writeOutbound(HTTPServerResponsePart.head(head))
            try channel.writeOutbound(HTTPServerResponsePart.end(nil))
        }
    }

    private func head(
        _ method: HTTPMethod = .POST, _ uri: String = path, _ fields: HTTPHeaders = [:],
        version: HTTPVersion = .http1_1, host: String? = "127.0.0.1"
    ) -> HTTPServerRequestPart {
        var fields = fields
        if let host { fields.add(name: "Host", value: host) }
        return .head(HTTPRequestHead(version: version, method: method, uri: uri, headers: fields))
    }

    private func body(_ text: String = "{}") -> HTTPServerRequestPart { .body(ByteBuffer(string: text)) }

    @Test func `a whole request is answered, and the server behind sees nothing of it`() throws {
        let connection = try Connection()
        connection.read(head(), body("{\"a\""), body(": 1}"), .end(nil))
        #expect(connection.bodies == ["{\"a\": 1}"])
        #expect(try connection.forwarded().isEmpty)
        let sent = try connection.sent()
        #expect(sent.count == 1)
        let lines = try #require(sent.first).split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(
            lines[..<4] == [
                "HTTP/1.1 200 OK", "Content-Type: application/json", "Cache-Control: no-store",
                "Content-Length: 3",
            ])
        let date =
            /Date: (Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/
        #expect(try date.wholeMatch(in: lines[4]) != nil)
        #expect(lines[5].hasPrefix("X-Request-Id: ") && lines[6...] == ["", "{1}"])
    }

    @Test func `requests that come together are answered in their order`() throws {
        let connection = try Connection()
        connection.read(head(), body("1"), .end(nil), head(), .end(nil), head(), body("3"), .end(nil))
        #expect(connection.bodies == ["1", "", "3"])
        #expect(try connection.sent().map(\.last) == ["}", "}", "}"])
        #expect(try connection.forwarded().isEmpty)
    }

    @Test func `answers wait for the turn's end, and are sent when their audit lines are written`() throws {
        let connection = try Connection()
        connection.begin([head(), body("1"), .end(nil), head(), body("2"), .end(nil)])
        #expect(connection.bodies == ["1", "2"])
        #expect(try connection.sent().isEmpty && connection.settled.isEmpty)
        connection.channel.embeddedEventLoop.run()
        #expect(try connection.sent().count == 2)
        #expect(connection.settled == [2])
        connection.read(head(), body("3"), .end(nil))
        #expect(try connection.sent().count == 1)
        #expect(connection.settled == [2, 3])
    }

    @Test func `what is left to a turn's end is done once, and so is what that leaves`() {
        let loop = EmbeddedEventLoop()
        let turn = EventLoopTurn(of: loop)
        var done: [Int] = []
        turn.atEnd { done.append(1) }
        turn.atEnd {
            done.append(2)
            turn.atEnd { done.append(3) }
        }
        #expect(done.isEmpty)
        loop.run()
        #expect(done == [1, 2, 3])
        loop.run()
        #expect(done == [1, 2, 3])
    }

    @Test func `when the server behind sends, what was answered before goes first`() throws {
        let connection = try Connection()
        connection.begin([head(), body("1"), .end(nil), head(.GET, "/healthz"), .end(nil)])
        #expect(try connection.sent().isEmpty)
        try connection.answerBehind()
        #expect(connection.settled == [1])
        #expect(try connection.sent().map { $0.contains("{1}") } == [true, false])
        connection.channel.embeddedEventLoop.run()
        #expect(connection.settled == [1])
    }

    @Test func `answers are sent before the connection hears that its client is done`() throws {
        let connection = try Connection()
        connection.begin([head(), .end(nil)])
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(try connection.sent().count == 1)
        #expect(connection.settled == [1])
    }

    @Test func `a connection that closes within its turn does no harm`() throws {
        let connection = try Connection()
        connection.begin([head(), .end(nil)])
        try connection.channel.close().wait()
        connection.channel.embeddedEventLoop.run()
        #expect(connection.settled == [1])
    }

    /// The ids in responses.
    private func ids(_ sent: [String]) -> [String] {
        sent.flatMap { $0.matches(of: /\r\n[Xx]-[Rr]equest-[Ii]d: ([^\r]*)\r\n/).map { String($0.1) } }
    }

    private static let goodIDs = [
        "a", "f47ac10b-58cc-4372-a567-0e02b2c3d479", "A_b.c-0", String(repeating: "x", count: 128),
    ]

    @Test(arguments: goodIDs) func `an id that a request brings is in its response and goes on with it`(
        _ id: String
    ) throws {
        for answers in [true, false] {
            let connection = try Connection(answers: answers)
            connection.read(head(.POST, Self.path, ["x-request-id": id]), body(), .end(nil))
            _ = try connection.forwarded()
            if !answers { try connection.answerBehind() }
            #expect(try ids(connection.sent()) == [id])
            #expect(connection.forwardedIDs == (answers ? [] : [id]))
        }
    }

    private static let badIDs: [[String]] = [
        [""], [" "], ["a b"], ["a\u{1B}[2J"], ["a\"b"], ["a{b}"], ["a,b"], ["é"], ["a", "a"], ["a", "b"],
        [String(repeating: "x", count: 129)], ["a\u{85}"], ["a=b"],
    ]

    @Test(arguments: badIDs) func `S23 an id that is not well formed is not taken`(_ lines: [String]) throws {
        for answers in [true, false] {
            let connection = try Connection(answers: answers)
            var fields = HTTPHeaders()
            for line in lines { fields.add(name: "X-Request-Id", value: line) }
            connection.read(head(.POST, Self.path, fields), body(), .end(nil))
            _ = try connection.forwarded()
            if !answers { try connection.answerBehind() }
            let found = try ids(connection.sent())
            #expect(found.count == 1 && found.first?.wholeMatch(of: /[0-9a-v]{15}/) != nil, "\(found)")
            #expect(connection.forwardedIDs == (answers ? [] : found))
        }
    }

    @Test func `requests without an id get one each, the rejected as well`() throws {
        let connection = try Connection()
        for _ in 0..<40 { connection.read(head(), body(), .end(nil)) }
        connection.read(head(.GET, "/healthz"), .end(nil))
        _ = try connection.forwarded()
        try connection.answerBehind()
        connection.read(head(host: "a b"), .end(nil))
        let found = try ids(connection.sent())
        #expect(found.count == 42 && Set(found).count == 42)
    }

    @Test func `a request whose end comes later goes on, whole and in order`() throws {
        let connection = try Connection()
        let parts = [head(), body("1"), body("2"), .end(nil)]
        connection.read(parts[0], parts[1])
        #expect(try connection.forwarded() == [parts[0], parts[1]])
        connection.read(parts[2], parts[3])
        #expect(try connection.forwarded() == [parts[2], parts[3]])
        #expect(connection.bodies.isEmpty)
        #expect(try connection.sent().isEmpty)
    }

    @Test func `what only the server behind can answer goes on, whole and in order`() throws {
        let connection = try Connection(answers: false)
        connection.read(head(), body("1"), .end(nil))
        #expect(try connection.forwarded() == [head(), body("1"), .end(nil)])
        #expect(try connection.sent().isEmpty)
        // It was admitted here, and is not asked again behind.
        #expect(connection.handedOver.take()?.target == Self.path)
        #expect(connection.handedOver.take() == nil)
    }

    @Test func `what is known of a request is not left for another`() throws {
        let connection = try Connection(answers: false)
        connection.read(head(), body("1"), .end(nil))
        try connection.answerBehind()
        connection.read(head(.GET, "/healthz"), .end(nil))
        #expect(connection.handedOver.take() == nil)
    }

    private static let others: [(HTTPMethod, String, HTTPHeaders)] = [
        (.GET, path, [:]), (.OPTIONS, path, [:]), (.POST, path + "/", [:]), (.POST, path + "?a=b", [:]),
        (.POST, "/API/v1/oauth/initiate", [:]), (.POST, "//api/v1/oauth/initiate", [:]),
        (.POST, "/api/v1/oauth/complete", [:]), (.POST, path, ["Connection": "close"]),
        (.POST, path, ["connection": "keep-alive, Upgrade"]), (.POST, path, ["connection": "upgrade"]),
    ]

    @Test(arguments: [
        ("http://a.example:80\(path)", path), ("HTTP://a.example", "/"), ("http://a.example?b", "/?b"),
    ])
    func `the authority of a target takes the place of Host`(_ target: String, _ path: String) throws {
        let connection = try Connection(answers: false)
        connection.read(head(.POST, target), .end(nil))
        guard case .head(let forwarded) = try connection.forwarded().first else {
            Issue.record("not forwarded")
            return
        }
        #expect(forwarded.uri == path)
        #expect(forwarded.headers["Host"] == [target.contains(":80") ? "a.example:80" : "a.example"])
    }

    @Test(arguments: others) func `what is no plain initiate goes on`(
        _ method: HTTPMethod, _ uri: String, _ fields: HTTPHeaders
    ) throws {
        let connection = try Connection()
        connection.read(head(method, uri, fields), body(), .end(nil))
        #expect(try connection.forwarded() == [head(method, uri, fields), body(), .end(nil)])
        #expect(connection.bodies.isEmpty)
    }

    @Test(arguments: ["keep-alive", "Keep-Alive"]) func `that a connection is to stay needs nobody`(
        _ value: String
    ) throws {
        let connection = try Connection()
        connection.read(head(.POST, Self.path, ["Connection": value]), body("1"), .end(nil))
        #expect(connection.bodies == ["1"])
    }

    @Test func `who speaks HTTP 1.0 gets the server behind`() throws {
        let connection = try Connection()
        connection.read(head(version: .http1_0), body(), .end(nil))
        #expect(try connection.forwarded().count == 3)
        #expect(connection.bodies.isEmpty)
    }

    @Test func `a client that waits for 100 Continue is told to go on, when it is its turn`() throws {
        let connection = try Connection()
        let waiting = head(.POST, Self.path, ["EXPECT": "100-Continue", "Content-Length": "2"])
        connection.read(waiting)
        #expect(try connection.sent() == ["HTTP/1.1 100 Continue\r\n\r\n"])
        connection.read(body(), .end(nil))
        #expect(try connection.forwarded() == [waiting, body(), .end(nil)])
        connection.read(waiting)
        #expect(try connection.sent().isEmpty)
        try connection.answerBehind()
        #expect(try connection.sent().map { String($0.prefix(12)) } == ["HTTP/1.1 200", "HTTP/1.1 100"])
    }

    @Test func `a body that is too large is not waited for`() throws {
        let connection = try Connection()
        connection.read(head(.POST, Self.path, ["Expect": "100-continue", "Content-Length": "99999"]))
        #expect(try connection.sent().isEmpty)
        try connection.answerBehind()
        #expect(try connection.sent().first?.contains("Connection: close") == true)
    }

    private static let faults: [(HTTPHeaders, String?, HTTPVersion, String)] = [
        ([:], nil, .http1_1, "400"), (["Host": "a"], "a", .http1_1, "400"), ([:], "", .http1_1, "400"),
        ([:], "a b", .http1_1, "400"), ([:], "a/b", .http1_1, "400"), ([:], "user@a", .http1_1, "400"),
        ([:], "a:x", .http1_1, "400"), ([:], "a:123456", .http1_1, "400"), ([:], "[::1", .http1_1, "400"),
        ([:], "a,b", .http1_1, ""), ([:], "[::1]:80", .http1_1, ""), ([:], "a:", .http1_1, ""),
        (["Host": "a"], "a", .http1_0, "400"), (["Transfer-Encoding": "chunked"], "a", .http1_0, "400"),
        (["Expect": "102-processing"], "a", .http1_1, "417"),
        (["Expect": "102-processing"], "a", .http1_0, ""),
        (["Transfer-Encoding": "gzip, chunked"], "a", .http1_1, "501"),
        (["Transfer-Encoding": "Chunked \t"], "a", .http1_1, ""),
        (["Content-Encoding": "gzip", "Content-Length": "2"], "a", .http1_1, "415"),
        (["Content-Encoding": "Identity", "Content-Length": "2"], "a", .http1_1, ""),
        ([:], "a \t ", .http1_1, ""), (["Expect": "100-continue "], "a", .http1_1, ""),
    ]

    @Test(arguments: faults) func `what HTTP rejects ends the connection, in its turn`(
        _ fields: HTTPHeaders, _ host: String?, _ version: HTTPVersion, _ status: String
    ) throws {
        let connection = try Connection()
        connection.read(head(.GET, "/healthz"), .end(nil))
        connection.read(head(.POST, Self.path, fields, version: version, host: host), body(), .end(nil))
        let next = head(.GET, "/healthz")
        connection.read(next, .end(nil))
        let forwarded = try connection.forwarded()
        #expect(forwarded.count == (status.isEmpty && version == .http1_1 ? 7 : status.isEmpty ? 5 : 2))
        #expect(try connection.sent().isEmpty)
        try connection.answerBehind()
        let sent = try connection.sent()
        #expect(sent.count == (status.isEmpty ? 1 : 2))
        guard !status.isEmpty else { return }
        #expect(sent[1].hasPrefix("HTTP/1.1 \(status) ") && sent[1].contains("Connection: close\r\n"))
    }

    @Test func `the response to a HEAD has no content, whoever wrote some`() throws {
        let connection = try Connection()
        connection.read(head(.HEAD, "/healthz"), .end(nil))
        try connection.channel.writeOutbound(
            HTTPServerResponsePart.head(
                HTTPResponseHead(version: .http1_1, status: .ok, headers: ["Content-Length": "2"])))
        try connection.channel.writeOutbound(
            HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: "ab"))))
        try connection.channel.writeOutbound(HTTPServerResponsePart.end(nil))
        let sent = try connection.sent().map { $0.replacing(/X-Request-Id: [^\r]*\r\n/, with: "") }
        #expect(sent == ["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"])
    }

    @Test(
        arguments: [([:], "close"), (["Connection": "Keep-Alive"], "keep-alive")] as [(HTTPHeaders, String)])
    func `a client of HTTP 1.0 hears whether its connection stays`(_ fields: HTTPHeaders, _ answer: String)
        throws
    {
        let connection = try Connection()
        connection.read(head(.GET, "/healthz", fields, version: .http1_0), .end(nil))
        try connection.answerBehind()
        #expect(try connection.sent().first?.contains("Connection: \(answer)\r\n") == true)
    }

    @Test(arguments: [(413, "Content Too Large"), (422, "Unprocessable Content"), (414, "URI Too Long")])
    func `reason phrases are RFC 9110's`(_ code: Int, _ phrase: String) throws {
        let connection = try Connection()
        connection.read(head(.GET, "/healthz"), .end(nil))
        let status = HTTPResponseStatus(statusCode: code)
        try connection.channel.writeOutbound(
            HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: status)))
        try connection.channel.writeOutbound(HTTPServerResponsePart.end(nil))
        #expect(try connection.sent().first?.hasPrefix("HTTP/1.1 \(code) \(phrase)\r\n") == true)
    }

    @Test func `a request with trailers goes on`() throws {
        let connection = try Connection()
        let trailers = HTTPServerRequestPart.end(["Content-Type": "a/b"])
        connection.read(head(), body(), trailers)
        #expect(try connection.forwarded() == [head(), body(), trailers])
    }

    @Test func `nobody overtakes a request that is under way`() throws {
        let connection = try Connection()
        connection.read(head(.GET, "/healthz"), .end(nil), head(), body("1"), .end(nil))
        #expect(try connection.forwarded().count == 5)
        // The first answer is there, the second is not.
        try connection.answerBehind()
        connection.read(head(), body("2"), .end(nil))
        #expect(connection.bodies.isEmpty)
        for _ in 0..<2 { try connection.answerBehind() }
        connection.read(head(), body("3"), .end(nil))
        #expect(connection.bodies == ["3"])
    }

    @Test func `who reads no answers gets the server behind, which waits for its reader`() throws {
        let connection = try Connection()
        connection.channel.isWritable = false
        connection.read(head(), body(), .end(nil))
        #expect(connection.bodies.isEmpty)
        #expect(try connection.forwarded().count == 3)
    }

    @Test func `now and then a request goes on, so that the connection does not count as idle`() throws {
        let connection = try Connection()
        connection.time += .seconds(29)
        connection.read(head(), body(), .end(nil))
        #expect(connection.bodies.count == 1)
        connection.time += .seconds(1)
        connection.read(head(), body(), .end(nil))
        #expect(connection.bodies.count == 1)
        #expect(try connection.forwarded().count == 3)
    }
}
