package import Logging
internal import Synchronization

/// Sends queued spans to a collector, in batches: again where that may help, and never for long.
package struct SpanExporter: Sendable {
    package typealias Send = @Sendable (_ document: [UInt8], _ timeout: Duration) async -> SpanDelivery

    /// How much is sent, how often, and for how long.
    package struct Bounds: Sendable {
        /// Between two looks at the queue.
        package var interval = Duration.seconds(1)
        /// Spans of one request.
        package var batchSize = 512
        /// For one request, all of it.
        package var timeout = Duration.seconds(10)
        /// Before a batch is sent again. There is one try more than there are waits.
        package var waits: [Duration] = [.seconds(1), .seconds(2), .seconds(4)]

        package init() {}
    }

    private let queue: SpanQueue
    private let resource: TraceResource
    private let counts: SpanCounts
    private let bounds: Bounds
    private let logger: Logger
    private let send: Send
    private let outage = Outage()

    package init(
        _ queue: SpanQueue, of resource: TraceResource, counts: SpanCounts, bounds: Bounds = Bounds(),
        logger: Logger, send: @escaping Send
    ) {
        self.queue = queue
        self.resource = resource
        self.counts = counts
        self.bounds = bounds
        self.logger = logger
        self.send = send
    }

    /// Runs until its task is cancelled. What is in progress then is left to ``flush(within:)``.
    package func run() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: bounds.interval)
            while !Task.isCancelled {
                let batch = queue.take(upTo: bounds.batchSize)
                guard !batch.isEmpty else { break }
                await deliver(batch)
            }
        }
    }

    /// Sends what is left, once, and drops what does not get through in time.
    package func flush(within limit: Duration) async {
        let end = ContinuousClock.now + limit
        while true {
            let batch = queue.take(upTo: bounds.batchSize)
            guard !batch.isEmpty else { return }
            let remaining = ContinuousClock.now.duration(to: end)
            guard remaining > .zero, await attempt(batch, timeout: remaining) == nil else {
                let left = queue.take(upTo: .max)
                counts.dropped(batch.count + left.count, .shutdown)
                return
            }
        }
    }

    private func deliver(_ batch: [FinishedSpan]) async {
        for wait in bounds.waits.map(Optional.some) + [nil] {
            guard let asked = await attempt(batch, timeout: bounds.timeout) else { return }
            guard let wait, !Task.isCancelled else { break }
            try? await Task.sleep(for: max(wait, asked))
            if Task.isCancelled { break }
        }
        if Task.isCancelled {
            queue.requeue(batch)
        } else {
            counts.dropped(batch.count, .unavailable)
        }
    }

    /// - Returns: `nil` if it is decided what became of the batch, else the least time to wait.
    private func attempt(_ batch: [FinishedSpan], timeout: Duration) async -> Duration? {
        switch await send(SpanDocument.encode(batch, of: resource), timeout) {
        case .accepted(let rejectedCount):
            let rejectedCount = min(rejectedCount, batch.count)
            counts.exported(batch.count - rejectedCount)
            if rejectedCount > 0 { counts.dropped(rejectedCount, .rejected) }
            if outage.end() { logger.notice("the collector takes spans again") }
            return nil
        case .rejected(let reason):
            counts.dropped(batch.count, .rejected)
            warn(reason)
            return nil
        case .unavailable(let reason, let wait):
            warn(reason)
            return wait ?? .zero
        }
    }

    /// Once for each outage.
    private func warn(_ reason: String) {
        guard !Task.isCancelled, outage.begin() else { return }
        logger.warning(
            "the collector does not take spans; they are kept for a moment, then dropped and counted",
            metadata: ["error": "\(reason)"])
    }
}

/// Whether the collector's last response was no.
private final class Outage: Sendable {
    private let isInProgress = Mutex(false)

    /// - Returns: whether it begins now.
    func begin() -> Bool { change(to: true) }

    /// - Returns: whether one ends now.
    func end() -> Bool { change(to: false) }

    private func change(to new: Bool) -> Bool {
        isInProgress.withLock { isInProgress in
            defer { isInProgress = new }
            return isInProgress != new
        }
    }
}
