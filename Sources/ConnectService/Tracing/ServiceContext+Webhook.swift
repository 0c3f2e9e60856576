internal import Connections
internal import OpenTelemetry
internal import Tracing

extension ServiceContext {
    /// What a message about a change is stored with; `nil` where no trace is recorded.
    var traceparent: String? {
        guard let position = traceSpan?.position, position.isSampled else { return nil }
        return position.traceparent
    }

    /// The context of a delivery: the trace of the change, if it was recorded.
    static func delivering(_ message: WebhookMessage) -> ServiceContext {
        var context = ServiceContext.topLevel
        context.remoteSpan = message.traceparent.flatMap { TraceContext(traceparent: $0) }
        return context
    }
}
