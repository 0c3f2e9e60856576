internal import Metrics

/// Writes down what happened, once: a line for people who ask later, and a count for those who watch now.
///
/// Nothing waits for the log. A line is queued before the response that it is about is sent, and a thread of its own
/// writes it. A deed that must be audited reserves room first, and is not done if there is none.
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

    /// Writes nothing and counts nothing.
    package static let silent = AuditLog()

    package func record(_ event: AuditEvent) {
        counts.count(event)
        guard let output else { return }
        // Use cases do not know the request; the task does.
        if event.requestID == nil, let id = RequestIdentifier.current {
            var named = event
            named.requestID = id
            append(named, to: output)
        } else {
            append(event, to: output)
        }
    }

    private func append(_ event: AuditEvent, to output: any AuditOutput) {
        if !output.append(event, wakes: !isHoldingBack) { counts.lost(.audit, .full) }
    }

    /// Counts an event without writing it, because its sender floods the log.
    package func countOnly(_ event: AuditEvent) {
        counts.count(event)
        counts.lost(.audit, .flood)
    }

    /// Counts how long an initiate request took, whatever came of it.
    package func countInitiate(lasting duration: Duration) { counts.countInitiate(lasting: duration) }

    /// Keeps room for the lines of something that must be audited. ``release(lineCount:)`` follows when they are recorded.
    ///
    /// - Returns: `false` if the log cannot take them, so that it must not be done.
    package func reserve(lineCount: Int) -> Bool { output?.reserve(lineCount: lineCount) ?? true }

    package func release(lineCount: Int) { output?.release(lineCount: lineCount) }

    /// The same log, whose writer is not told of each line, at the latest by ``flush()``.
    package var holdingBack: AuditLog {
        var log = self
        log.isHoldingBack = true
        return log
    }

    /// Has written what is held back.
    package func flush() { output?.wake() }
}

/// Where the lines of an audit log go: whole, and in their order. Nothing here waits for a file.
package protocol AuditOutput: Sendable {
    /// Queues a line.
    ///
    /// - Parameter wakes: whether the writer is told at once; else ``wake()`` follows.
    /// - Returns: `false` if there was no room. Room for a line that must be written was reserved.
    func append(_ event: AuditEvent, wakes: Bool) -> Bool

    func wake()

    func reserve(lineCount: Int) -> Bool

    func release(lineCount: Int)
}

extension AuditEvent {
    /// Whether what it tells of must not happen without its line: credentials were made, renewed, handed out, changed or ended.
    package var mustBeWritten: Bool {
        switch kind {
        case .exchange, .refresh, .imported, .update, .disconnect, .revoke: true
        case .complete, .credentials: outcome != .refused
        case .initiate, .session, .callback, .confirm, .access: false
        }
    }
}
