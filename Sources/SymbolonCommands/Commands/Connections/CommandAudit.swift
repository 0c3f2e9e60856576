import ConnectService
import Logging
import Metrics

/// The audit log of a command, which ends or takes over grants as the service does.
struct CommandAudit {
    /// What is left at the end may take so long.
    private static let closing = Duration.seconds(2)

    let log: AuditLog
    private let file: AuditFile
    private let standardError: LineQueue

    /// Opens the service's own, which other processes append to as well. Standard output is the command's own, so lines
    /// that the service writes there go to standard error.
    ///
    /// - Throws: ``CommandError`` if it cannot be written: what must be audited is not done then.
    init(_ settings: Settings) throws {
        let logger = Logger(label: "symbolon.audit") { _ in SwiftLogNoOpLogHandler() }
        standardError = LineQueue(.standardError) { _ in }
        let target = settings.auditLog == "stdout" ? "stderr" : settings.auditLog
        file = try AuditFile(target, standardError: standardError, logger: logger)
        log = AuditLog(output: file, counts: EventCounts(metrics: NOOPMetricsHandler.instance))
    }

    /// Checks that a line finds room.
    func check() throws(CommandError) {
        guard file.reserve(lineCount: 1) else {
            throw CommandError(.unavailable, "the audit log cannot be written, so nothing more is done")
        }
        file.release(lineCount: 1)
    }

    /// Writes what is still queued.
    func close() async {
        await file.close(within: Self.closing)
        await standardError.close(within: Self.closing)
    }
}

extension Settings {
    /// Who is told of what a command does.
    func webhookEndpoints() throws -> WebhookEndpoints {
        WebhookEndpoints(
            try production.map { try WorkspaceFile.load($0.workspaces) } ?? WorkspaceDirectory([]))
    }
}
