package import Tracing

/// Makes spans, and queues those of sampled traces for export: a back end for swift-distributed-tracing.
package struct TraceRecorder: Tracer {
    package static let traceparent = "traceparent"
    package static let tracestate = "tracestate"

    private let sampler: TraceSampler
    private let queue: SpanQueue

    package init(_ sampler: TraceSampler, queue: SpanQueue) {
        self.sampler = sampler
        self.queue = queue
    }

    package func startSpan<Instant: TracerInstant>(
        _ operationName: String, context: @autoclosure () -> ServiceContext, ofKind kind: SpanKind,
        at instant: @autoclosure () -> Instant, function: String, file fileID: String, line: UInt
    ) -> TraceSpan {
        let context = context()
        let parent = context.traceOrigin
        return TraceSpan(
            operationName, kind, at: position(of: parent), parent: parent, in: context,
            start: instant().nanosecondsSinceEpoch, queue: queue)
    }

    /// The span of a request that may have come from another process's.
    package func startSpan(
        _ operationName: String, from remote: TraceContext?, ofKind kind: SpanKind
    ) -> TraceSpan {
        let parent = remote.map { FinishedSpan.Origin(context: $0, isRemote: true) }
        return TraceSpan(
            operationName, kind, at: position(of: parent), parent: parent, in: .topLevel,
            start: DefaultTracerClock.now.nanosecondsSinceEpoch, queue: queue)
    }

    /// The exporter sends what is queued by itself.
    package func forceFlush() {}

    package func inject<Carrier, Inject: Injector>(
        _ context: ServiceContext, into carrier: inout Carrier, using injector: Inject
    ) where Inject.Carrier == Carrier {
        guard let position = context.traceOrigin?.context else { return }
        injector.inject(position.traceparent, forKey: Self.traceparent, into: &carrier)
        if let state = position.state { injector.inject(state, forKey: Self.tracestate, into: &carrier) }
    }

    package func extract<Carrier, Extract: Extractor>(
        _ carrier: Carrier, into context: inout ServiceContext, using extractor: Extract
    ) where Extract.Carrier == Carrier {
        guard let traceparent = extractor.extract(key: Self.traceparent, from: carrier) else { return }
        context.remoteSpan = TraceContext(
            traceparent: traceparent, tracestate: extractor.extract(key: Self.tracestate, from: carrier))
    }

    /// A child is sampled if its parent is, whatever the share.
    private func position(of parent: FinishedSpan.Origin?) -> TraceContext {
        var random = SystemRandomNumberGenerator()
        while true {
            let spanID: UInt64 = random.next()
            let position: TraceContext?
            if let parent = parent?.context {
                position = TraceContext(
                    traceID: parent.traceID, spanID: spanID, isSampled: parent.isSampled,
                    state: parent.state)
            } else {
                let (high, low): (UInt64, UInt64) = (random.next(), random.next())
                let traceID = UInt128(high) << 64 | UInt128(low)
                position = TraceContext(
                    traceID: traceID, spanID: spanID, isSampled: sampler.samples(traceID))
            }
            // 0 is no id.
            if let position { return position }
        }
    }
}
