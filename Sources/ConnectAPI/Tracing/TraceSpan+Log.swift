package import Logging
package import OpenTelemetry

extension TraceSpan {
    /// What log lines of its request say; nothing where it is not recorded.
    package var logMetadata: Logger.Metadata {
        let position = position
        guard position.isSampled else { return [:] }
        return ["trace_id": "\(position.traceIDText)", "span_id": "\(position.spanIDText)"]
    }
}
