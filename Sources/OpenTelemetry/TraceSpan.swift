internal import Synchronization
package import Tracing

/// A span in progress. Only one of a sampled trace is exported when it ends.
package final class TraceSpan: Tracing.Span {
    static let maximumEventCount = 16
    static let maximumLinkCount = 16

    private struct State {
        var name: String
        var position: TraceContext
        var parent: FinishedSpan.Origin?
        var attributes: SpanAttributes = [:]
        var events: [SpanEvent] = []
        var links: [FinishedSpan.Origin] = []
        var status: SpanStatus?
        var isEnded = false
    }

    private let state: Mutex<State>
    private let kind: SpanKind
    private let start: UInt64
    private let outer: ServiceContext
    private let queue: SpanQueue

    init(
        _ name: String, _ kind: SpanKind, at position: TraceContext, parent: FinishedSpan.Origin?,
        in outer: ServiceContext, start: UInt64, queue: SpanQueue
    ) {
        state = Mutex(State(name: name, position: position, parent: parent))
        self.kind = kind
        self.start = start
        self.outer = outer
        self.queue = queue
    }

    /// Where the span is now: what requests that it sends carry.
    package var position: TraceContext { state.withLock { $0.position } }

    package var isSampled: Bool { position.isSampled }

    // MARK: Joining

    /// Continues a sampled trace whose id came another way than with the request. What the request came from becomes a
    /// link.
    ///
    /// Children that were started before stay where they are, so join first.
    package func join(traceID: UInt128, parentSpanID: UInt64) {
        state.withLock { state in
            guard !state.isEnded,
                let parent = TraceContext(traceID: traceID, spanID: parentSpanID, isSampled: true),
                let position = TraceContext(
                    traceID: traceID, spanID: state.position.spanID, isSampled: true)
            else { return }
            if let before = state.parent, before.isRemote, before.context.traceID != traceID {
                state.links.append(before)
            }
            state.position = position
            state.parent = FinishedSpan.Origin(context: parent, isRemote: true)
        }
    }

    /// Gives the span an id that another process can work out. It must not have children yet.
    package func take(spanID: UInt64) {
        state.withLock { state in
            let old = state.position
            guard !state.isEnded,
                let position = TraceContext(
                    traceID: old.traceID, spanID: spanID, isSampled: old.isSampled, state: old.state)
            else { return }
            state.position = position
        }
    }

    // MARK: Tracing.Span

    package var context: ServiceContext {
        var context = outer
        context.traceSpan = self
        return context
    }

    package var operationName: String {
        get { state.withLock { $0.name } }
        set { change { $0.name = newValue } }
    }

    package var attributes: SpanAttributes {
        get { state.withLock { $0.attributes } }
        set { change { $0.attributes = newValue } }
    }

    /// Whether it has not ended. One that is not sampled may still join a trace that is.
    package var isRecording: Bool { state.withLock { !$0.isEnded } }

    package func setStatus(_ status: SpanStatus) { change { $0.status = status } }

    package func addEvent(_ event: SpanEvent) {
        change { state in
            if state.events.count < Self.maximumEventCount { state.events.append(event) }
        }
    }

    /// Records the error's type. Its description may hold what no span may: a code, a token.
    package func recordError<Instant: TracerInstant>(
        _ error: any Error, attributes: SpanAttributes, at instant: @autoclosure () -> Instant
    ) {
        var attributes = attributes
        attributes["exception.type"] = "\(type(of: error))"
        addEvent(SpanEvent(name: "exception", at: instant(), attributes: attributes))
    }

    package func addLink(_ link: SpanLink) {
        guard let origin = link.context.traceOrigin else { return }
        change { state in
            if state.links.count < Self.maximumLinkCount { state.links.append(origin) }
        }
    }

    package func end<Instant: TracerInstant>(at instant: @autoclosure () -> Instant) {
        let end = instant().nanosecondsSinceEpoch
        let finished = state.withLock { state -> FinishedSpan? in
            guard !state.isEnded else { return nil }
            state.isEnded = true
            guard state.position.isSampled else { return nil }
            // A clock that was set back must not make a span end before it began.
            return FinishedSpan(
                name: state.name, kind: kind, context: state.position, parent: state.parent, start: start,
                end: max(start, end), attributes: state.attributes, events: state.events,
                links: state.links, status: state.status)
        }
        if let finished { queue.append(finished) }
    }

    private func change(_ change: (inout State) -> Void) {
        state.withLock { state in
            if !state.isEnded { change(&state) }
        }
    }
}

private enum TraceSpanKey: ServiceContextKey {
    typealias Value = TraceSpan
}

private enum RemoteSpanKey: ServiceContextKey {
    typealias Value = TraceContext
}

extension ServiceContext {
    /// The span that is in progress in this process.
    package var traceSpan: TraceSpan? {
        get { self[TraceSpanKey.self] }
        set { self[TraceSpanKey.self] = newValue }
    }

    /// The span of another process that a request came from.
    package var remoteSpan: TraceContext? {
        get { self[RemoteSpanKey.self] }
        set { self[RemoteSpanKey.self] = newValue }
    }

    /// What a new span is a child of.
    var traceOrigin: FinishedSpan.Origin? {
        if let traceSpan { return FinishedSpan.Origin(context: traceSpan.position, isRemote: false) }
        return remoteSpan.map { FinishedSpan.Origin(context: $0, isRemote: true) }
    }
}
