package import Metrics
internal import Synchronization

/// Counts what the audit log records. Every label's values are ours or the catalog's, never a caller's.
package final class EventCounts: Sendable {
    private struct Series: Hashable {
        let name: ServiceMetric
        let outcome: AuditEvent.Outcome?
        let reason: String?
        let integrationID: String?
    }

    /// A log that loses lines rather than wait.
    package enum Log: String, Sendable { case audit, service }

    /// Why a line was not written.
    package enum Loss: String, Sendable {
        /// What was queued before it was not written in time.
        case full
        /// Its sender causes too many.
        case flood
    }

    private let metrics: any MetricsFactory
    private let counters = Mutex<[Series: any CounterHandler]>([:])
    // Initiates are many: what counts those that succeed is not looked up for each.
    private let flowsBegun: any CounterHandler
    private let initiateDuration: any TimerHandler

    package init(metrics: any MetricsFactory = MetricsSystem.factory) {
        self.metrics = metrics
        flowsBegun = metrics.makeCounter(
            label: ServiceMetric.initiates.rawValue,
            dimensions: [("outcome", AuditEvent.Outcome.success.rawValue), ("reason", "")])
        initiateDuration = metrics.makeTimer(label: ServiceMetric.initiateDuration.rawValue, dimensions: [])
    }

    func count(_ event: AuditEvent) {
        switch event.kind {
        case .initiate where event.outcome == .success: flowsBegun.increment(by: 1)
        case .initiate: increment(.initiates, event)
        case .session: increment(.sessions, event)
        case .callback: increment(.callbacks, event)
        case .complete: increment(.completions, event)
        case .confirm: increment(.confirmations, event)
        case .exchange:
            increment(.exchanges, event, integrationID: event.integrationID)
            time(.exchangeDuration, event)
        case .refresh:
            increment(.refreshes, event, integrationID: event.integrationID)
            time(.refreshDuration, event)
        case .credentials: increment(.credentialReads, event)
        case .imported: increment(.imports, event)
        case .update: increment(.updates, event)
        case .disconnect: increment(.disconnects, event)
        case .revoke: increment(.revocations, event)
        case .access: increment(.accessRefusals, event)
        }
    }

    func countInitiate(lasting duration: Duration) { initiateDuration.record(duration) }

    package func lost(_ log: Log, _ loss: Loss) {
        metrics.makeCounter(
            label: ServiceMetric.logLinesLost.rawValue,
            dimensions: [("log", log.rawValue), ("reason", loss.rawValue)]
        ).increment(by: 1)
    }

    private func increment(_ name: ServiceMetric, _ event: AuditEvent, integrationID: String? = nil) {
        let series = Series(
            name: name, outcome: name == .accessRefusals ? nil : event.outcome, reason: event.reason,
            integrationID: integrationID)
        counters.withLock { counters in
            let counter = counters[series] ?? make(series)
            counter.increment(by: 1)
            counters[series] = counter
        }
    }

    private func make(_ series: Series) -> any CounterHandler {
        var dimensions: [(String, String)] = []
        if let integrationID = series.integrationID { dimensions.append(("integration", integrationID)) }
        if let outcome = series.outcome { dimensions.append(("outcome", outcome.rawValue)) }
        dimensions.append(("reason", series.reason ?? ""))
        return metrics.makeCounter(label: series.name.rawValue, dimensions: dimensions)
    }

    private func time(_ name: ServiceMetric, _ event: AuditEvent) {
        guard let duration = event.duration else { return }
        metrics.makeTimer(label: name.rawValue, dimensions: [("outcome", event.outcome.rawValue)])
            .record(duration)
    }
}

extension TimerHandler {
    fileprivate func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        recordNanoseconds(seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000)
    }
}
