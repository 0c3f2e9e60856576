internal import Connections
internal import Tracing

/// Makes spans of a flow's work in the store: what a callback waits for beside its provider.
struct StoreSpans: Sendable {
    /// `nil`: there are none.
    let tracer: (any Tracer)?

    /// - Parameter name: of what is done, the same for all flows.
    func span<Value: Sendable>(
        _ name: String, _ work: () async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        guard let tracer else { return try await work() }
        let span = tracer.startSpan(name)
        defer { span.end() }
        do throws(StoreError) {
            return try await work()
        } catch {
            // Without what the database says.
            span.attributes["error.type"] = error.publicCode
            span.setStatus(SpanStatus(code: .error))
            throw error
        }
    }
}
