import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport

/// A provider's token endpoint in the test process, for what no real provider does on demand: codes of any length, and an
/// answer that does not come. It counts what reaches it.
final class TokenServer: Sendable {
    let url: String
    private let channel: any Channel
    private let inbox: Inbox

    static func start() async throws -> TokenServer {
        let inbox = Inbox()
        let channel = try await HTTPListener.start { Handler(inbox) }
        return TokenServer(channel, inbox)
    }

    private init(_ channel: any Channel, _ inbox: Inbox) {
        self.channel = channel
        self.inbox = inbox
        url = "http://127.0.0.1:\(channel.localAddress?.port ?? 0)"
    }

    deinit { channel.close(promise: nil) }

    /// The codes that were sent, in the order of their arrival.
    var codes: [String] { inbox.state.withLock(\.codes) }

    /// The forms of all requests, in the order of their arrival.
    var forms: [[String: String]] { inbox.state.withLock(\.forms) }

    /// From now on every request is answered with this JSON text.
    func answer(_ text: String) { inbox.state.withLock { $0.text = text } }

    /// From now on it takes codes, and says nothing.
    func hang() { inbox.state.withLock { $0.hangs = true } }
}

private final class Inbox: Sendable {
    struct State {
        var codes: [String] = []
        var forms: [[String: String]] = []
        var text: String?
        var hangs = false
    }

    let state = Mutex(State())

    /// What to answer to a code, if anything.
    func answer(to form: [String: String]) -> String? {
        state.withLock { state in
            state.forms.append(form)
            state.codes.append(form["code"] ?? "")
            guard !state.hangs else { return nil }
            return state.text
                ?? #"{"access_token":"token-\#(state.codes.count)","token_type":"Bearer","expires_in":3600}"#
        }
    }
}

private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let inbox: Inbox
    private var body = ByteBuffer()

    init(_ inbox: Inbox) { self.inbox = inbox }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: body.clear()
        case .body(let part): body.writeImmutableBuffer(part)
        case .end:
            let form = FormEncoding.decoded(String(buffer: body))
            guard let answer = inbox.answer(to: form) else { return }
            let headers: HTTPHeaders = [
                "content-type": "application/json", "content-length": "\(answer.utf8.count)",
            ]
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: answer)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
