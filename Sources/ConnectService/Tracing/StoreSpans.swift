internal import Connections
package import Tracing

/// What a store is asked to do while somebody waits, as spans name it.
package enum StoreOperation: String, Sendable {
    case claimFlow = "claim flow"
    case finishFlow = "finish flow"
    case readCredentials = "read credentials"
    case beginRefresh = "begin refresh"
    case finishRefresh = "finish refresh"
    case failRefresh = "fail refresh"
    case takeDue = "take due connections"
    case schedule = "schedule connections"
}

/// Makes spans of work in the store, by the semantic conventions of database clients.
package struct StoreSpans: Sendable {
    private let tracer: (any Tracer)?
    private let system: String?

    /// - Parameters:
    ///   - tracer: `nil`: there are no spans.
    ///   - system: the database's name in the conventions (`db.system.name`); `nil` where nothing is stored.
    package init(tracer: (any Tracer)?, system: String?) {
        self.tracer = tracer
        self.system = system
    }

    package static let none = StoreSpans(tracer: nil, system: nil)

    func span<Value: Sendable>(
        _ operation: StoreOperation, isolation: isolated (any Actor)? = #isolation,
        _ work: () async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        guard let span = begin(operation) else { return try await work() }
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

    /// Begins the span of work that ends elsewhere. One that is never ended is not recorded.
    func begin(_ operation: StoreOperation, at start: DefaultTracerClock.Timestamp? = nil) -> (any Span)? {
        guard let tracer else { return nil }
        let span = tracer.startSpan(
            operation.rawValue, ofKind: system == nil ? .internal : .client,
            at: start ?? DefaultTracerClock.now)
        if let system {
            span.attributes = [
                "db.system.name": .string(system), "db.operation.name": .string(operation.rawValue),
            ]
        }
        return span
    }

    // MARK: The sweep

    /// When work begins of which there is a span only if there is something to do; `nil` where there are none.
    var now: DefaultTracerClock.Timestamp? { tracer == nil ? nil : DefaultTracerClock.now }

    /// Begins the span of work that no request caused, which began with what was taken from the store.
    func beginSweep(since start: DefaultTracerClock.Timestamp?) -> (any Span)? {
        guard let tracer, let start else { return nil }
        let span = tracer.startSpan("sweep", context: .topLevel, ofKind: .internal, at: start)
        let taken = ServiceContext.withValue(span.context) { begin(.takeDue, at: start) }
        taken?.end()
        return span
    }
}
