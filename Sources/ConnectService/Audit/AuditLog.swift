internal import Metrics

/// Writes down what happened, once: a line for people who ask later, and a count for those who watch now.
package struct AuditLog: Sendable {
    private let output: (any AuditOutput)?
    private let counts: EventCounts
    private var isHoldingBack = false

    package init(output: any AuditOutput, counts: EventCounts) {
        self.output = output
        self.counts = counts
    }

    private init() {
        output = nil
        counts = EventCounts(metrics: NOOPMetricsHandler.instance)
    }

    /// Writes nothing, and counts where nobody looks.
    package static let silent = AuditLog()

    package func record(_ event: AuditEvent) {
        counts.count(event)
        if isHoldingBack { output?.hold(event) } else { output?.write(event) }
    }

    /// The same log, whose lines may wait until somebody writes, at the latest until ``flush()``.
    package var holdingBack: AuditLog {
        var log = self
        log.isHoldingBack = true
        return log
    }

    /// Writes what is held back.
    package func flush() { output?.flush() }
}

/// Where the lines of an audit log go: whole, in their order.
package protocol AuditOutput: Sendable {
    /// Writes a line, after those that are held back. One that cannot be written is lost: a full disk must not end the
    /// service.
    func write(_ event: AuditEvent)

    /// Takes a line for later.
    func hold(_ event: AuditEvent)

    /// Writes the lines that are held back.
    func flush()
}
