import ConnectAPI
import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

/// What is answered on the event loop, and what goes on to the server behind.
@Suite("Initiates on the event loop") struct EventLoopInitiatesTests {
    private static let path = "/api/v1/oauth/initiate"

    /// A connection's end of the pipeline, with a clock that is set.
    private final class Connection {
        let channel = EmbeddedChannel()
        var time = ContinuousClock.now
        private(set) var bodies: [String] = []

        init(answers: Bool = true) throws {
            let handler = EventLoopInitiates(now: { [unowned self] in time }) { [unowned self] _, body, _ in
                guard answers else { return nil }
                bodies.append(body.map { String(buffer: $0) } ?? "")
                return JSONAnswer(octets: Array("{\(bodies.count)}".utf8))
            }
            try channel.pipeline.syncOperations.addHandler(handler)
        }

        func read(_ parts: HTTPRequestPart...) {
            for part in parts { channel.pipeline.fireChannelRead(part) }
            channel.pipeline.fireChannelReadComplete()
        }

        /// What went on to the server behind.
        func forwarded() throws -> [HTTPRequestPart] {
            var parts: [HTTPRequestPart] = []
            while let part = try channel.readInbound(as: HTTPRequestPart.self) { parts.append(part) }
            return parts
        }

        /// What went to the client.
        func sent() throws -> [HTTPResponsePart] {
            var parts: [HTTPResponsePart] = []
            while let part = try channel.readOutbound(as: HTTPResponsePart.self) { parts.append(part) }
            return parts
        }
    }

    private func head(
        _ method: HTTPRequest.Method = .post, _ path: String = path, _ fields: HTTPFields = [:]
    ) -> HTTPRequestPart {
        .head(
            HTTPRequest(
                method: method, scheme: "http", authority: "127.0.0.1", path: path, headerFields: fields))
    }

    private func body(_ text: String = "{}") -> HTTPRequestPart { .body(ByteBuffer(string: text)) }

    @Test func `a whole request is answered, and the server behind sees nothing of it`() throws {
        let connection = try Connection()
        connection.read(head(), body("{\"a\""), body(": 1}"), .end(nil))
        #expect(connection.bodies == ["{\"a\": 1}"])
        #expect(try connection.forwarded().isEmpty)
        let sent = try connection.sent()
        guard sent.count == 3, case .head(let answer) = sent[0] else {
            Issue.record("\(sent)")
            return
        }
        #expect(answer.status == .ok)
        #expect(answer.headerFields[.contentLength] == "3")
        #expect(answer.headerFields[.contentType] == "application/json")
        #expect(answer.headerFields[.cacheControl] == "no-store")
        let date = try #require(answer.headerFields[.date])
        #expect(
            date.wholeMatch(of: /(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT/)
                != nil)
        #expect(sent[1] == .body(ByteBuffer(string: "{1}")) && sent[2] == .end(nil))
    }

    @Test func `requests that come together are answered in their order`() throws {
        let connection = try Connection()
        connection.read(head(), body("1"), .end(nil), head(), .end(nil), head(), body("3"), .end(nil))
        #expect(connection.bodies == ["1", "", "3"])
        #expect(try connection.sent().filter { $0 == .end(nil) }.count == 3)
        #expect(try connection.forwarded().isEmpty)
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
    }

    private static let others: [(HTTPRequest.Method, String, HTTPFields)] = [
        (.get, path, [:]), (.options, path, [:]), (.post, path + "/", [:]), (.post, path + "?a=b", [:]),
        (.post, "/API/v1/oauth/initiate", [:]), (.post, "//api/v1/oauth/initiate", [:]),
        (.post, "/api/v1/oauth/complete", [:]), (.post, path, [.connection: "close"]),
        (.post, path, [.connection: "keep-alive, Upgrade"]), (.post, path, [.expect: "100-continue"]),
    ]

    @Test(arguments: others) func `what is no plain initiate goes on`(
        _ method: HTTPRequest.Method, _ path: String, _ fields: HTTPFields
    ) throws {
        let connection = try Connection()
        connection.read(head(method, path, fields), body(), .end(nil))
        #expect(try connection.forwarded() == [head(method, path, fields), body(), .end(nil)])
        #expect(connection.bodies.isEmpty)
    }

    @Test func `a request with trailers goes on`() throws {
        let connection = try Connection()
        let trailers = HTTPRequestPart.end([.contentType: "a/b"])
        connection.read(head(), body(), trailers)
        #expect(try connection.forwarded() == [head(), body(), trailers])
    }

    @Test func `nobody overtakes a request that is under way`() throws {
        let connection = try Connection()
        connection.read(head(.get, "/healthz"), .end(nil), head(), body("1"), .end(nil))
        #expect(try connection.forwarded().count == 5)
        // The first answer is there, the second is not.
        try connection.channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok)))
        try connection.channel.writeOutbound(HTTPResponsePart.end(nil))
        connection.read(head(), body("2"), .end(nil))
        #expect(connection.bodies.isEmpty)
        for _ in 0..<2 {
            try connection.channel.writeOutbound(HTTPResponsePart.head(HTTPResponse(status: .ok)))
            try connection.channel.writeOutbound(HTTPResponsePart.end(nil))
        }
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
