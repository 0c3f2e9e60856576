internal import Connections
internal import Metrics

/// What a sweep did, and how far behind it is.
struct SweepCounts: Sendable {
    private let metrics: any MetricsFactory
    private let due: any MeterHandler
    private let delay: any MeterHandler

    init(_ metrics: any MetricsFactory) {
        self.metrics = metrics
        due = metrics.makeMeter(label: ServiceMetric.sweepDue.rawValue, dimensions: [])
        delay = metrics.makeMeter(label: ServiceMetric.sweepDelay.rawValue, dimensions: [])
    }

    func count(_ outcome: String) {
        metrics.makeCounter(label: ServiceMetric.sweepVisits.rawValue, dimensions: [("outcome", outcome)])
            .increment(by: 1)
    }

    func show(_ backlog: SweepBacklog) {
        due.set(Int64(backlog.count))
        delay.set(backlog.delay.components.seconds)
    }
}
