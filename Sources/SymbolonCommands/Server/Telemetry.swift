internal import ConnectService
internal import Glibc
internal import Logging
internal import Metrics
internal import PrometheusMetrics

/// Logs, metrics and the audit log of a process: set up once, before anything else is made.
struct Telemetry {
    /// What is left in the logs at the end may take so long.
    private static let closing = Duration.seconds(2)

    let logger: Logger
    let auditFile: AuditFile
    let registry: PrometheusRegistry
    private let standardError: LineQueue

    /// - Parameters:
    ///   - level: from which on something is logged.
    ///   - audit: where the audit log goes.
    static func start(_ level: Logger.Level, audit: String) throws(ConfigurationError) -> Telemetry {
        // A log reader that goes away must not end the service.
        _ = signal(SIGPIPE, SIG_IGN)
        let metrics = ServiceMetric.allCases.map { ($0.rawValue, $0.help) }
        let registry = PrometheusRegistry(help: Dictionary(metrics) { first, _ in first })
        MetricsSystem.bootstrap(registry)
        let counts = EventCounts(metrics: registry)
        let standardError = LineQueue(.standardError) { notice in
            // While standard error cannot be written, nothing can be said.
            guard case .recovered(let lostCount) = notice, lostCount > 0 else { return }
            Logger(label: "symbolon").warning(
                "log lines were lost while the log could not be written", metadata: ["lost": "\(lostCount)"])
        }
        LoggingSystem.bootstrap { label in
            QueuedLogHandler(label: label, level: level, lines: standardError, counts: counts)
        }
        let logger = Logger(label: "symbolon")
        return Telemetry(
            logger: logger,
            auditFile: try AuditFile(audit, standardError: standardError, logger: logger),
            registry: registry, standardError: standardError)
    }

    var auditLog: AuditLog {
        AuditLog(output: auditFile, counts: EventCounts(metrics: registry))
    }

    /// The names of the logs that cannot be written now.
    @Sendable func unwritableLogs() -> [String] {
        (standardError.isWritable ? [] : ["log"]) + (auditFile.isWritable ? [] : ["audit_log"])
    }

    /// Writes what is still queued, within a bound.
    func close() async {
        await auditFile.close(within: Self.closing)
        await standardError.close(within: Self.closing)
    }
}
