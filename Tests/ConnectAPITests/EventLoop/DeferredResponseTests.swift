import ConnectPages
import ConnectService
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Synchronization
import Testing

@testable import ConnectAPI

/// Requests whose answers come when a store has read something.
@Suite("Deferred responses on the event loop") struct DeferredResponseTests {
    /// Answers when it is told to.
    private final class Tokens: ImmediateResponder {
        typealias Finish = @Sendable (@escaping DeferredResponse.Conclusion) -> Void

        let documentation: ErrorDocumentation? = nil
        let reads: Bool
        private let begun = Mutex<[(target: String, finish: Finish)]>([])

        init(reads: Bool) { self.reads = reads }

        func mayRespond(_ head: HTTPRequestHead) -> Bool { head.uri.hasPrefix("/later") }

        func answer(
            to head: HTTPRequestHead, _ header: CallerHeader, body: ByteBuffer?, from peer: SocketAddress?,
            _ id: RequestIdentifier
        ) -> ImmediateResponse {
            let target = head.uri
            return .later(
                DeferredResponse { [self] finish in
                    guard reads else { return Self.handedOver(target) }
                    begun.withLock { $0.append((target, finish)) }
                    return nil
                })
        }

        static func handedOver(_ target: String) -> ImmediateResponse {
            .handOver(AdmittedRequest(target: target, origin: RequestOrigin(arrival: .now, address: nil)))
        }

        func settle() {}

        var targets: [String] { begun.withLock { $0.map(\.target) } }

        /// Ends the read that was begun first.
        func finish(handsOver: Bool = false) {
            let (target, finish) = begun.withLock { $0.removeFirst() }
            finish {
                handsOver
                    ? Self.handedOver(target)
                    : .answer(CompleteResponse.json(octets: Array("\"\(target)\"".utf8)))
            }
        }
    }

    /// Counts what asks the socket for more.
    private final class Reads: ChannelOutboundHandler {
        typealias OutboundIn = Never
        var count = 0
        func read(context: ChannelHandlerContext) {
            count += 1
            context.read()
        }
    }

    private final class Connection {
        let channel = EmbeddedChannel()
        let tokens: Tokens
        let reads = Reads()
        let handedOver = HandedOver()

        init(reads: Bool = true) throws {
            tokens = Tokens(reads: reads)
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandlers([self.reads, HTTPResponseEncoder()])
            let encoder = try pipeline.context(handlerType: HTTPResponseEncoder.self)
            let turn = EventLoopTurn(of: channel.eventLoop)
            try pipeline.addHandler(
                EventLoopHandler(tokens, turn: turn, past: encoder, handingOver: handedOver))
        }

        func read(_ targets: String...) {
            for target in targets {
                let head = HTTPRequestHead(
                    version: .http1_1, method: .GET, uri: target, headers: ["Host": "a.example"])
                channel.pipeline.fireChannelRead(HTTPServerRequestPart.head(head))
                channel.pipeline.fireChannelRead(HTTPServerRequestPart.end(nil))
            }
            channel.pipeline.fireChannelReadComplete()
            channel.embeddedEventLoop.run()
        }

        func finish(handsOver: Bool = false) {
            tokens.finish(handsOver: handsOver)
            channel.embeddedEventLoop.run()
        }

        /// The targets of what went on to the server behind.
        func forwarded() throws -> [String] {
            var targets: [String] = []
            while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
                if case .head(let head) = part { targets.append(head.uri) }
            }
            return targets
        }

        /// The last lines of what went to the client.
        func sent() throws -> [String] {
            var octets = ByteBuffer()
            while let part = try channel.readOutbound(as: IOData.self) {
                guard case .byteBuffer(var part) = part else { continue }
                octets.writeBuffer(&part)
            }
            return String(buffer: octets).split(separator: /(?=HTTP\/1.1 )/).compactMap {
                $0.split(separator: "\r\n").last.map(String.init)
            }
        }
    }

    @Test func `the answer is sent when the store has read`() throws {
        let connection = try Connection()
        connection.read("/later/1")
        #expect(try connection.sent().isEmpty)
        connection.finish()
        #expect(try connection.sent() == ["\"/later/1\""])
        #expect(try connection.forwarded().isEmpty)
    }

    @Test func `requests that come behind wait for their turn, and are not asked of the store before`() throws
    {
        let connection = try Connection()
        connection.read("/later/1", "/later/2", "/healthz")
        connection.read("/later/3")
        #expect(connection.tokens.targets == ["/later/1"])
        #expect(try connection.forwarded().isEmpty)
        connection.finish()
        #expect(try connection.sent() == ["\"/later/1\""])
        #expect(connection.tokens.targets == ["/later/2"])
        #expect(try connection.forwarded().isEmpty)
        connection.finish()
        // What the server behind has still to answer comes before the third.
        #expect(try connection.sent() == ["\"/later/2\""])
        #expect(try connection.forwarded() == ["/healthz", "/later/3"])
        #expect(connection.tokens.targets.isEmpty)
    }

    @Test func `S28 nothing more is read from the connection meanwhile`() throws {
        let connection = try Connection()
        connection.read("/later/1")
        connection.channel.read()
        connection.channel.read()
        #expect(connection.reads.count == 0)
        connection.finish()
        #expect(connection.reads.count == 1)
        connection.channel.read()
        #expect(connection.reads.count == 2)
    }

    @Test func `what the router has to say goes on, with what is known of it`() throws {
        let connection = try Connection()
        connection.read("/later/1", "/later/2")
        connection.finish(handsOver: true)
        #expect(try connection.sent().isEmpty)
        #expect(try connection.forwarded() == ["/later/1", "/later/2"])
        #expect(connection.handedOver.take()?.target == "/later/1")
    }

    @Test func `where the store reads nothing the request goes on at once`() throws {
        let connection = try Connection(reads: false)
        connection.read("/later/1")
        #expect(try connection.forwarded() == ["/later/1"])
        #expect(connection.handedOver.take()?.target == "/later/1")
        connection.channel.read()
        #expect(connection.reads.count == 1)
    }

    @Test func `that the client is done is heard after its answer`() throws {
        final class Ears: ChannelInboundHandler {
            typealias InboundIn = Never
            var events = 0
            func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) { events += 1 }
        }
        let connection = try Connection()
        let ears = Ears()
        try connection.channel.pipeline.syncOperations.addHandler(ears)
        connection.read("/later/1")
        connection.channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(ears.events == 0)
        connection.finish()
        #expect(try connection.sent() == ["\"/later/1\""])
        #expect(ears.events == 1)
    }

    @Test func `a connection that the server behind takes for idle is closed after the answer`() throws {
        let connection = try Connection()
        connection.read("/later/1")
        connection.channel.close(promise: nil)
        connection.channel.embeddedEventLoop.run()
        let isClosed = Mutex(false)
        connection.channel.closeFuture.whenComplete { _ in isClosed.withLock { $0 = true } }
        #expect(!isClosed.withLock { $0 })
        connection.finish()
        #expect(try connection.sent() == ["\"/later/1\""])
        #expect(isClosed.withLock { $0 })
    }

    @Test func `an answer for a connection that has ended goes nowhere`() throws {
        let connection = try Connection()
        connection.read("/later/1", "/later/2")
        try connection.channel.close().wait()
        connection.finish()
        #expect(try connection.sent().isEmpty && connection.forwarded().isEmpty)
        #expect(connection.tokens.targets.isEmpty)
    }
}
