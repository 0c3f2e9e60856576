internal import Access
internal import ConnectService
internal import Connections
internal import Encodings
internal import HTTPTypes
internal import Hummingbird
internal import StateTokens

/// `POST /development/flow`: what happened to the flow of a state, which is the request's body.
///
/// The state does not travel in the path, since paths are logged everywhere. Without a credential it opens nothing.
struct FlowTraceRoute: Sendable {
    private let tracing: FlowTracing
    private let authenticator: Authenticator

    init(_ tracing: FlowTracing, authenticator: Authenticator) {
        self.tracing = tracing
        self.authenticator = authenticator
    }

    func answer(_ request: Request, _ context: APIContext) async throws -> Response {
        let (principal, workspaceID) = try await authenticator.authorize(request, .read, context)
        let text = String(
            decoding: try await request.octets(upTo: StateTokenCodec.maximumCharacterCount), as: UTF8.self)
        guard let trace = tracing.trace(of: text, workspaceID: workspaceID) else {
            throw APIError(
                .badRequest, "invalid_state",
                "This state was not made by this service, or is another workspace's.")
        }
        try authenticator.reject(
            principal.limits?.breach(by: trace.verified.state, under: nil), of: principal, context.origin)
        return .json(capacity: 2048) { answer in
            answer.member("flow_id", trace.verified.flowID.description)
            answer.member("key_id", trace.verified.keyID.description)
            answer.object("state") { trace.verified.state.write(to: &$0) }
            answer.array("steps") { steps in
                for entry in trace.entries {
                    steps.object { step in
                        step.member("at", entry.time.rfc3339)
                        write(entry.step, trace, to: &step)
                    }
                }
            }
        }
    }

    private func write(_ step: FlowStep, _ trace: FlowTrace, to answer: inout JSONOutput.Members) {
        answer.member("name", step.name)
        switch step {
        case .opened(let duration):
            answer.member("replica", tracing.replica)
            answer.member("key_id", trace.verified.keyID.description)
            answer.member("milliseconds", json: duration.millisecondsText)
        case .tokenRequest(let endpoint, let authentication, let sendsVerifier):
            answer.member("endpoint", endpoint)
            answer.member("authentication", authentication)
            answer.member("pkce", sendsVerifier)
        case .tokenResponse(let status, let duration):
            answer.member("status", status)
            answer.member("milliseconds", json: duration.millisecondsText)
        case .connected(let id): answer.member("connection_id", id.description)
        case .ended(let failure), .failed(let failure):
            answer.member("error", failure.answer.error)
            answer.member("description", failure.redirectDescription)
        case .handedOver, .asked, .claimed: break
        }
    }
}

extension FlowStep {
    fileprivate var name: String {
        switch self {
        case .opened: "opened"
        case .ended: "ended"
        case .handedOver: "handed_over"
        case .asked: "asked"
        case .claimed: "claimed"
        case .tokenRequest: "token_request"
        case .tokenResponse: "token_answer"
        case .connected: "connected"
        case .failed: "failed"
        }
    }
}

extension Duration {
    /// A JSON number with three decimals.
    fileprivate var millisecondsText: String {
        let microseconds = self.microseconds
        let rest = String(microseconds % 1_000)
        return "\(microseconds / 1_000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }
}
