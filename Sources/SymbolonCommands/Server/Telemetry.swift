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
    let levels: LogLevels
    private let standardError: LineQueue

    /// - Parameters:
    ///   - level: from which on something is logged, until it is changed.
    ///   - format: of the service's own lines.
    ///   - audit: where the audit log goes.
    ///   - logMetadata: what log lines say beside their own.
    static func start(
        _ level: Logger.Level, format: LogFormat = .text, audit: String,
        logMetadata: Logger.MetadataProvider? = nil
    ) throws(ConfigurationError) -> Telemetry {
        // A log reader that goes away must not end the service.
        _ = signal(SIGPIPE, SIG_IGN)
        let metrics = ServiceMetric.allCases.map { ($0.rawValue, $0.help) }
        let registry = PrometheusRegistry(help: Dictionary(metrics) { first, _ in first })
        MetricsSystem.bootstrap(registry)
        let counts = EventCounts(metrics: registry)
        let levels = LogLevels(level)
        let standardError = LineQueue(.standardError) { notice in
            // While standard error cannot be written, nothing can be said.
            guard case .recovered(let lostCount) = notice, lostCount > 0 else { return }
            Logger(label: "symbolon").warning(
                "log lines were lost while the log could not be written", metadata: ["lost": "\(lostCount)"])
        }
        let lineMetadata = [requestMetadata, logMetadata].compactMap { $0 }
        LoggingSystem.bootstrap { label in
            var handler = QueuedLogHandler(
                label: label, levels: levels, format: format, lines: standardError, counts: counts)
            handler.metadataProvider = Logger.MetadataProvider.multiplex(lineMetadata)
            return handler
        }
        let logger = Logger(label: "symbolon")
        return Telemetry(
            logger: logger,
            auditFile: try AuditFile(audit, standardError: standardError, logger: logger),
            registry: registry, levels: levels, standardError: standardError)
    }

    /// For log lines: the request that they belong to.
    private static let requestMetadata = Logger.MetadataProvider {
        RequestIdentifier.current.map { ["request_id": "\($0)"] } ?? [:]
    }

    /// Of a part whose level changes by itself.
    func logger(of part: LogLevels.Part) -> Logger { Logger(label: part.label) }

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
