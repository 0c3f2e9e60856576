internal import ConnectService
package import OpenTelemetry
package import StateTokens
internal import Tracing

/// Makes a span of each request, by the semantic conventions of HTTP servers: the route's pattern and never its URL, since
/// URLs carry codes, states and ids.
package struct RequestTracing: Sendable {
    /// Other words may be a caller's own.
    private static let methods: Set<String> = [
        "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
    ]

    private let recorder: TraceRecorder
    private let attributes: SpanAttributes

    package init(_ recorder: TraceRecorder, publicURL: Audience) {
        self.recorder = recorder
        let scheme = publicURL.description.prefix { $0 != ":" }
        attributes = ["url.scheme": .string(String(scheme))]
    }

    /// The span of a request, which continues the trace that the request came with.
    func begin(_ header: CallerHeader) -> TraceSpan {
        let remote = header.traceparent.flatMap {
            TraceContext(traceparent: $0, tracestate: header.tracestate)
        }
        let span = recorder.startSpan("HTTP", from: remote, ofKind: .server)
        span.attributes = attributes
        return span
    }

    /// - Parameter route: `nil` where there is none.
    static func end(_ span: TraceSpan, method: String, route: String?, status: Int) {
        if span.isSampled {
            let known = methods.contains(method) ? method : nil
            span.operationName = route.map { "\(known ?? "HTTP") \($0)" } ?? known ?? "HTTP"
            span.updateAttributes { attributes in
                attributes["http.request.method"] = known ?? "_OTHER"
                attributes["http.route"] = route
                attributes["http.response.status_code"] = status
                if status >= 500 { attributes["error.type"] = "\(status)" }
            }
            // What a caller did wrong is no error of the server's.
            if status >= 500 { span.setStatus(SpanStatus(code: .error)) }
        }
        span.end()
    }
}

extension TraceSpan {
    /// The trace, if it is recorded: what a new flow's state carries, and an audit line names.
    var flowTraceID: TraceID? {
        let position = position
        guard position.isSampled else { return nil }
        return TraceID(octets: (0..<16).map { UInt8(truncatingIfNeeded: position.traceID >> (120 - 8 * $0)) })
    }

    /// Says which flow began. Its id becomes the span's where the state carries the trace, so that the state needs not
    /// carry the span: what continues the flow knows it from the flow's id.
    func begins(_ flow: InitiatedFlow) {
        guard isSampled else { return }
        if flow.isTraced { take(spanID: flow.flowID.spanID) }
        name(flow.flowID, flow.integrationID)
    }

    /// Continues the trace that the flow of a callback began in.
    func continues(_ result: CallbackResult) {
        switch result {
        case .refused: return
        case .ended(let destination, _), .handedOver(let destination, _): continues(destination)
        case .asked(let question): continues(question.destination)
        case .authorized(let flow): continues(flow.destination)
        }
    }

    func continues(_ flow: FlowDestination) {
        if let traceID = flow.traceID {
            join(
                traceID: traceID.octets.reduce(0) { $0 << 8 | UInt128($1) },
                parentSpanID: flow.flowID.spanID)
        }
        if isSampled { name(flow.flowID, flow.integrationID) }
    }

    private func name(_ flowID: FlowID, _ integrationID: String) {
        updateAttributes { attributes in
            attributes["symbolon.flow.id"] = flowID.description
            attributes["symbolon.integration.id"] = integrationID
        }
    }
}

extension FlowID {
    /// Of the span that began the flow: the first 8 octets.
    fileprivate var spanID: UInt64 { octets.prefix(8).reduce(0) { $0 << 8 | UInt64($1) } }
}
