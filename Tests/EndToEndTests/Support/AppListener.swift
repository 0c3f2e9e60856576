import Foundation
import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport

/// The app that asked for a connection: a server in the test process that takes what comes to its
/// redirect URI.
final class AppListener: Sendable {
    /// A request that a browser made to the app.
    struct Arrival: Sendable {
        let method: String
        let path: String
        let query: [String: String]
    }

    let redirectURI: String
    private let channel: any Channel
    private let inbox: Inbox

    static func start(path: String = "/oauth/done") async throws -> AppListener {
        let inbox = Inbox()
        let channel = try await HTTPListener.start { Handler(inbox) }
        return AppListener(channel, inbox, path)
    }

    private init(_ channel: any Channel, _ inbox: Inbox, _ path: String) {
        self.channel = channel
        self.inbox = inbox
        redirectURI = "http://127.0.0.1:\(channel.localAddress?.port ?? 0)\(path)"
    }

    deinit { channel.close(promise: nil) }

    /// Everything that arrived, in order, taken or not.
    var arrivals: [Arrival] { inbox.arrivals }

    /// The next arrival that was not taken yet; `nil` when there is none in time.
    func next(within limit: Duration = .seconds(10)) async throws -> Arrival? {
        let deadline = ContinuousClock.now + limit
        while true {
            if let arrival = inbox.take() { return arrival }
            guard ContinuousClock.now < deadline else { return nil }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    func stop() async throws { try await channel.close().get() }
}

/// What arrived, and how much of it was taken.
private final class Inbox: Sendable {
    private let state = Mutex((arrivals: [AppListener.Arrival](), taken: 0))

    var arrivals: [AppListener.Arrival] { state.withLock(\.arrivals) }

    func put(_ arrival: AppListener.Arrival) { state.withLock { $0.arrivals.append(arrival) } }

    func take() -> AppListener.Arrival? {
        state.withLock { state in
            guard state.taken < state.arrivals.count else { return nil }
            defer { state.taken += 1 }
            return state.arrivals[state.taken]
        }
    }
}

/// Answers every request with a page, once it is recorded.
private final class Handler: ChannelInboundHandler, Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let inbox: Inbox

    init(_ inbox: Inbox) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .head(let head) = unwrapInboundIn(data) else { return }
        let path = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)[0]
        inbox.put(
            AppListener.Arrival(
                method: head.method.rawValue, path: String(path), query: FormEncoding.query(of: head.uri)))
        let headers: HTTPHeaders = [
            "content-type": "text/html; charset=utf-8", "content-length": "7", "connection": "close",
        ]
        let response = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
        context.write(wrapOutboundOut(.head(response)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "the app")))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
