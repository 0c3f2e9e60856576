internal import ConnectService
internal import Connections
internal import OAuthHTTP
internal import PrometheusMetrics
internal import StateTokens

/// Gauges that are read at each scrape: keyrings, pools and the process.
struct ScrapeFigures: Sendable {
    let keyrings: @Sendable () -> [KeyringSchedule]
    let provider: ProviderHTTPClient
    /// `nil` where the store has no pool.
    let store: (@Sendable () -> StorePoolLoad)?

    func values(at now: Timestamp = .now()) -> [ScrapedValue] {
        let version = ScrapedValue(
            ServiceMetric.build.rawValue, 1, labels: [("version", Release.version)])
        return [version] + keyrings().flatMap { Self.values(of: $0, at: now) } + pools + Self.process
    }

    private static func values(of keyring: KeyringSchedule, at now: Timestamp) -> [ScrapedValue] {
        let purpose = ("purpose", keyring.purpose.rawValue)
        let info = ScrapedValue(
            ServiceMetric.keyring.rawValue, 1, labels: [purpose, ("digest", keyring.report.digest)])
        guard let next = keyring.report.nextActivation else { return [info] }
        let seconds = Double(max(0, next.seconds(since: now)))
        return [info, ScrapedValue(ServiceMetric.keyringActivation.rawValue, seconds, labels: [purpose])]
    }

    private var pools: [ScrapedValue] {
        let provider = provider.load
        var values = [
            gauge(.providerRequests, provider.requestCount), gauge(.providerIdle, provider.idleCount),
            gauge(.providerIdleLimit, provider.idleLimit),
        ]
        if let store = store?() {
            values += [
                gauge(.storeInUse, store.inUseCount), gauge(.storeWaiting, store.waitingCount),
                gauge(.storeLimit, store.limit),
            ]
        }
        return values
    }

    private func gauge(_ name: ServiceMetric, _ value: Int) -> ScrapedValue {
        ScrapedValue(name.rawValue, Double(value))
    }

    private static var process: [ScrapedValue] {
        var values: [ScrapedValue] = []
        if let figures = ProcessFigures.read() {
            values += [
                ScrapedValue(ServiceMetric.processorTime.rawValue, figures.processorSeconds, kind: .counter),
                ScrapedValue(ServiceMetric.memory.rawValue, figures.residentByteCount),
                ScrapedValue(
                    ServiceMetric.processStart.rawValue, ProcessFigures.machineStart + figures.startSeconds),
            ]
        }
        if let count = ProcessFigures.openFileCount {
            values.append(ScrapedValue(ServiceMetric.openFiles.rawValue, Double(count)))
        }
        if let limit = OpenFiles.limit {
            values.append(ScrapedValue(ServiceMetric.openFileLimit.rawValue, limit))
        }
        return values
    }
}
