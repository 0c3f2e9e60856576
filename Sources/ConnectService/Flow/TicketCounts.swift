package import Metrics
internal import Synchronization

/// Counts issued and rejected tickets. Rejections show attempts to complete other users' flows.
package final class TicketCounts: Sendable {
    private let metrics: any MetricsFactory
    private let issuedCounter: any CounterHandler
    private let refusedCounters = Mutex<[String: any CounterHandler]>([:])

    package init(metrics: any MetricsFactory = MetricsSystem.factory) {
        self.metrics = metrics
        issuedCounter = metrics.makeCounter(label: ServiceMetric.ticketsIssued.rawValue, dimensions: [])
    }

    func issued() { issuedCounter.increment(by: 1) }

    /// The label is one of ours, never a caller's word.
    func refused(_ refusal: TicketVerificationError) {
        refusedCounters.withLock { counters in
            let counter =
                counters[refusal.name]
                ?? metrics.makeCounter(
                    label: ServiceMetric.ticketRefusals.rawValue, dimensions: [("reason", refusal.name)])
            counter.increment(by: 1)
            counters[refusal.name] = counter
        }
    }
}
