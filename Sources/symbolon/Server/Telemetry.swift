internal import ConnectService
internal import Logging
internal import Metrics
internal import PrometheusMetrics

/// Logs, metrics and the audit log of a process: set up once, before anything else is made.
struct Telemetry {
    let logger: Logger
    let auditOutput: AuditOutput
    let registry: PrometheusRegistry

    /// - Parameters:
    ///   - level: from which on something is logged.
    ///   - audit: where the audit log goes.
    static func start(_ level: Logger.Level, audit: String) throws(ConfigurationError) -> Telemetry {
        let output = try AuditOutput(audit)
        LoggingSystem.bootstrap { label in
            guard label != AuditLog.label else { return AuditLogHandler(output) }
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        let metrics = ServiceMetric.allCases.map { ($0.rawValue, $0.help) }
        let registry = PrometheusRegistry(help: Dictionary(metrics) { first, _ in first })
        MetricsSystem.bootstrap(registry)
        return Telemetry(logger: Logger(label: "symbolon"), auditOutput: output, registry: registry)
    }

    var auditLog: AuditLog {
        AuditLog(logger: Logger(label: AuditLog.label), counts: EventCounts(metrics: registry))
    }
}
