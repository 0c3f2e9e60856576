internal import Synchronization

/// Why spans were not exported.
package enum SpanLoss: String, Sendable, CaseIterable {
    /// The collector takes less than is recorded, or nothing.
    case queueFull = "queue_full"
    /// The collector rejected them for good.
    case rejected
    /// The collector could not be reached, or was too busy, until they were given up.
    case unavailable
    /// The process ended first.
    case shutdown
}

/// What came of spans, for metrics.
package struct SpanCounts: Sendable {
    package let exported: @Sendable (_ count: Int) -> Void
    package let dropped: @Sendable (_ count: Int, SpanLoss) -> Void

    package init(
        exported: @escaping @Sendable (_ count: Int) -> Void,
        dropped: @escaping @Sendable (_ count: Int, SpanLoss) -> Void
    ) {
        self.exported = exported
        self.dropped = dropped
    }
}

/// Spans that wait for their export, so many and no more: who ends a span never waits.
package final class SpanQueue: Sendable {
    private let capacity: Int
    private let counts: SpanCounts
    private let spans = Mutex<[FinishedSpan]>([])

    package init(capacity: Int = 4_096, counts: SpanCounts) {
        self.capacity = capacity
        self.counts = counts
    }

    package var count: Int { spans.withLock { $0.count } }

    package func append(_ span: FinishedSpan) {
        let isTaken = spans.withLock { spans in
            guard spans.count < capacity else { return false }
            spans.append(span)
            return true
        }
        if !isTaken { counts.dropped(1, .queueFull) }
    }

    /// The oldest; empty if there are none.
    func take(upTo count: Int) -> [FinishedSpan] {
        spans.withLock { spans in
            let taken = Array(spans.prefix(count))
            spans.removeFirst(taken.count)
            return taken
        }
    }

    /// Puts spans back in front; the newest make room for them.
    func requeue(_ older: [FinishedSpan]) {
        let lost = spans.withLock { spans in
            let all = older + spans
            spans = Array(all.prefix(capacity))
            return all.count - spans.count
        }
        if lost > 0 { counts.dropped(lost, .queueFull) }
    }
}
