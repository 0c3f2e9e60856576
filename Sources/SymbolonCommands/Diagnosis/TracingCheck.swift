import OpenTelemetry

/// Asks the collector of `tracing` whether it takes spans.
struct TracingCheck {
    let settings: Settings

    /// None without `tracing`.
    func findings(_ probing: ProbeOptions) async -> [Finding] {
        let topic = "tracing"
        guard let tracing = settings.tracing else { return [] }
        guard !probing.offline else { return [.unknown(topic, "not asked, because of --offline")] }
        let client = CollectorClient(
            tracing.collector, headers: tracing.headers, certificateFile: settings.providers.certificateFile)
        let resource = TraceResource(
            serviceName: "symbolon", serviceVersion: Release.version, instanceID: "doctor")
        let answer = await client.send(
            SpanDocument.encode([], of: resource), timeout: .seconds(probing.timeout))
        await client.shutdown()
        let url = tracing.collector.url
        return switch answer {
        case .accepted: [.good(topic, "\(url) takes spans")]
        case .rejected(let reason): [.bad(topic, "\(url) takes no spans: \(reason)", .unavailable)]
        case .unavailable(let reason, _): [.bad(topic, "\(url) takes no spans now: \(reason)", .unavailable)]
        }
    }
}
