package import Logging
internal import Metrics

/// Writes down what happened, once: a line for people who ask later, and a count for those who watch now.
package struct AuditLog: Sendable {
    /// The label of its logger, and the name of the one entry of a line's metadata.
    package static let label = "symbolon.audit"
    package static let metadataKey = "audit"

    private let logger: Logger
    private let counts: EventCounts

    package init(logger: Logger, counts: EventCounts) {
        self.logger = logger
        self.counts = counts
    }

    /// Writes nothing, and counts where nobody looks.
    package static let silent = AuditLog(
        logger: Logger(label: label) { _ in SwiftLogNoOpLogHandler() },
        counts: EventCounts(metrics: NOOPMetricsHandler.instance))

    package func record(_ event: AuditEvent) {
        counts.count(event)
        // The event goes whole: its handler writes it in one piece, and need not put it together again.
        logger.notice("\(event.kind.rawValue)", metadata: [Self.metadataKey: .stringConvertible(event)])
    }
}
