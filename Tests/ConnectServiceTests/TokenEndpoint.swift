import NIOCore
import NIOPosix
import Synchronization
import TestSupport
import Testing

/// A provider's token endpoint on loopback, which counts what reaches it and answers as the test says.
final class TokenEndpoint: Sendable {
    struct Call: Sendable {
        let path: String
        let fields: [String: String]
        var method = ""
        /// By their names in lower case.
        var headers: [String: String] = [:]
        var body = ""
    }

    enum Answer: Sendable {
        case json(_ body: String, status: Int = 200)
        /// 429 with this `Retry-After`.
        case later(String)
        /// All that is written, status line included.
        case raw(String)
        /// Something that is not HTTP.
        case garbage
        /// Nothing, ever.
        case hang
        /// The connection ends instead.
        case drop
        indirect case slow(Duration, Answer)
        /// Does something before it answers.
        indirect case after(@Sendable () async throws -> Void, Answer)
    }

    typealias Script = @Sendable (Call) -> Answer

    private let channel: any Channel
    private let group: MultiThreadedEventLoopGroup
    private let log: CallLog

    /// - Parameter port: 0 for any that is free.
    init(port: Int = 0) async throws {
        let log = CallLog()
        self.log = log
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 256)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(TokenHandler(log: log))
                }
            }
            .bind(host: "127.0.0.1", port: port).get()
    }

    deinit { group.shutdownGracefully { _ in } }

    /// What is answered from now on, on every path but that of revocations.
    func answer(_ answer: Answer) { script { _ in answer } }

    func script(_ script: @escaping Script) { log.state.withLock { $0.script = script } }

    /// The same for revocations.
    func scriptRevocations(_ script: @escaping Script) {
        log.state.withLock { $0.revocationScript = script }
    }

    func slowRevocations(_ pause: Duration) { log.state.withLock { $0.revocationPause = pause } }

    /// Waits until so many requests have come, of whatever kind.
    func received(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await eventually("\(count) requests have come", sourceLocation: sourceLocation) {
            log.state.withLock { $0.calls.count >= count }
        }
    }

    var url: String { "http://127.0.0.1:\(channel.localAddress?.port ?? 0)" }
    /// Requests for tokens, in the order of their arrival.
    var tokenCalls: [Call] { log.state.withLock { $0.calls.filter { $0.path != "/revoke" } } }
    var revocations: [Call] { log.state.withLock { $0.calls.filter { $0.path == "/revoke" } } }
}

private final class CallLog: Sendable {
    struct State: Sendable {
        var calls: [TokenEndpoint.Call] = []
        var revocationPause: Duration = .zero
        var script: TokenEndpoint.Script = { _ in .json(Grant.json()) }
        var revocationScript: TokenEndpoint.Script = { _ in .json("{}") }
    }

    let state = Mutex(State())

    func answer(to call: TokenEndpoint.Call) -> TokenEndpoint.Answer {
        let isRevocation = call.path == "/revoke"
        let (script, pause) = state.withLock { state in
            state.calls.append(call)
            return (isRevocation ? state.revocationScript : state.script, state.revocationPause)
        }
        return isRevocation ? .slow(pause, script(call)) : script(call)
    }
}

/// Answers of a token endpoint.
enum Grant {
    static func json(
        token: String = "access-1", refresh: String? = "refresh-1", expiresIn: Int? = 3_600,
        account: String? = "account-1", more: String = ""
    ) -> String {
        var members = [#""access_token":"\#(token)","token_type":"Bearer""#]
        if let refresh { members.append(#""refresh_token":"\#(refresh)""#) }
        if let expiresIn { members.append(#""expires_in":\#(expiresIn)"#) }
        if let account { members.append(#""account_id":"\#(account)""#) }
        return "{\(members.joined(separator: ","))\(more)}"
    }

    static func error(_ code: String) -> TokenEndpoint.Answer { .json(#"{"error":"\#(code)"}"#, status: 400) }
}

private final class TokenHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let log: CallLog
    private var received = ""

    init(log: CallLog) { self.log = log }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received += String(buffer: unwrapInboundIn(data))
        guard let call = wholeCall() else { return }
        received = ""
        Self.begin(log.answer(to: call), to: context.channel)
    }

    private func wholeCall() -> TokenEndpoint.Call? {
        let parts = received.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        let lines = parts[0].split(separator: "\r\n")
        let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.dropFirst(15).filter { $0 != " " }) }
        guard parts[1].utf8.count >= length ?? 0 else { return nil }
        let headers = lines.dropFirst().map { $0.split(separator: ":", maxSplits: 1) }.map {
            ($0[0].lowercased(), $0.count > 1 ? String($0[1].drop { $0 == " " }) : "")
        }
        let words = lines[0].split(separator: " ")
        return TokenEndpoint.Call(
            path: String(words[1]), fields: Query.fields(String(parts[1])), method: String(words[0]),
            headers: Dictionary(headers) { first, _ in first }, body: String(parts[1]))
    }

    private static func begin(_ answer: TokenEndpoint.Answer, to channel: any Channel) {
        Task { await write(answer, to: channel) }
    }

    private static func write(_ answer: TokenEndpoint.Answer, to channel: any Channel) async {
        switch answer {
        case .json(let body, let status):
            let text = """
                HTTP/1.1 \(status) Answer\r\nContent-Type: application/json\r\n\
                Content-Length: \(body.utf8.count)\r\n\r\n\(body)
                """
            channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
        case .later(let retryAfter):
            let text = "HTTP/1.1 429 Later\r\nRetry-After: \(retryAfter)\r\nContent-Length: 2\r\n\r\n{}"
            channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
        case .raw(let text): channel.writeAndFlush(ByteBuffer(string: text), promise: nil)
        case .garbage:
            channel.writeAndFlush(ByteBuffer(string: "\u{1}\u{2}garbage\r\n\r\n"), promise: nil)
            channel.close(promise: nil)
        case .hang: break
        case .drop: channel.close(promise: nil)
        case .slow(let pause, let answer):
            await write(.after({ try await Task.sleep(for: pause) }, answer), to: channel)
        case .after(let action, let answer):
            do {
                try await action()
                await write(answer, to: channel)
            } catch {
                await write(.json("\(error)", status: 500), to: channel)
            }
        }
    }
}
