internal import ConnectService
internal import Logging
internal import Metrics
internal import PrometheusMetrics

/// Logs, metrics and the audit log of a process: set up once, before anything else is made.
struct Telemetry {
    let logger: Logger
    let auditFile: AuditFile
    let registry: PrometheusRegistry

    /// - Parameters:
    ///   - level: from which on something is logged.
    ///   - audit: where the audit log goes.
    static func start(_ level: Logger.Level, audit: String) throws(ConfigurationError) -> Telemetry {
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        let metrics = ServiceMetric.allCases.map { ($0.rawValue, $0.help) }
        let registry = PrometheusRegistry(help: Dictionary(metrics) { first, _ in first })
        MetricsSystem.bootstrap(registry)
        let logger = Logger(label: "symbolon")
        return Telemetry(
            logger: logger, auditFile: try AuditFile(audit, logger: logger), registry: registry)
    }

    var auditLog: AuditLog {
        AuditLog(output: auditFile, counts: EventCounts(metrics: registry))
    }
}
