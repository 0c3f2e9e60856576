internal import ConnectAPI
internal import ConnectService
internal import FoundationEssentials
internal import Logging
internal import Metrics
internal import OpenTelemetry
internal import ServiceLifecycle
internal import Tracing

/// Spans of this process, from where they are recorded to the collector.
struct TracePipeline {
    let recorder: TraceRecorder
    let export: TraceExport

    /// - Parameter certificateFile: of certificate authorities that are trusted beside the system's.
    init(
        _ settings: TracingSettings, certificateFile: String?, metrics: any MetricsFactory, logger: Logger
    ) {
        let counts = SpanCounts(metrics: metrics)
        let queue = SpanQueue(counts: counts)
        recorder = TraceRecorder(TraceSampler(share: settings.share), queue: queue)
        let client = CollectorClient(
            settings.collector, headers: settings.headers, certificateFile: certificateFile)
        let resource = TraceResource(
            serviceName: "symbolon", serviceVersion: Release.version, instanceID: "\(UUID())".lowercased())
        export = TraceExport(
            exporter: SpanExporter(queue, of: resource, counts: counts, logger: logger) {
                await client.send($0, timeout: $1)
            }, client: client)
    }

    /// For log lines: the trace that they belong to, if it is recorded.
    static let logMetadata = Logger.MetadataProvider {
        ServiceContext.current?.traceSpan?.logMetadata ?? [:]
    }
}

/// Sends spans as long as the server runs, and what is left at its end.
struct TraceExport: Service {
    /// For what is left; a collector that hangs must not hold up the end.
    private static let closing = Duration.seconds(2)

    let exporter: SpanExporter
    let client: CollectorClient

    func run() async throws {
        await cancelWhenGracefulShutdown { await exporter.run() }
        await exporter.flush(within: Self.closing)
        await client.shutdown()
    }
}

extension SpanCounts {
    init(metrics: any MetricsFactory) {
        let exported = metrics.makeCounter(label: ServiceMetric.spansExported.rawValue, dimensions: [])
        // All of them at once, so that a rate sees the first loss.
        let dropped = Dictionary(
            uniqueKeysWithValues: SpanLoss.allCases.map { loss in
                let counter = metrics.makeCounter(
                    label: ServiceMetric.spansDropped.rawValue, dimensions: [("reason", loss.rawValue)])
                return (loss, counter)
            })
        self.init(
            exported: { exported.increment(by: Int64($0)) },
            dropped: { dropped[$1]?.increment(by: Int64($0)) })
    }
}
