internal import ConnectService
internal import PrometheusMetrics
internal import ServiceLifecycle

/// Keeps a sample of the counters each minute, as long as the server runs.
struct ActivitySamples: Service {
    let record: ActivityRecord

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await pause(ActivityRecord.interval)
                record.sample()
            }
        }
    }
}

extension ActivityRecord {
    /// Of the service's own counters.
    convenience init(_ registry: PrometheusRegistry) {
        self.init {
            var values: [Series: Int64] = [:]
            for counter in registry.counters { values[Series(counter.name, counter.labels)] = counter.value }
            return values
        }
    }
}
