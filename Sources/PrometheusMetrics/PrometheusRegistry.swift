package import CoreMetrics
internal import Synchronization

/// Every metric of the process, kept for a scraper: a back end for swift-metrics.
///
/// The number of series is bounded, so that a label with more values than anybody thought of costs some numbers and no
/// memory.
package final class PrometheusRegistry: Sendable {
    /// Series that are not kept, since there are too many.
    package static let droppedName = "prometheus_series_dropped_total"
    /// Series that are not kept, since their name is a metric's of another kind.
    package static let conflictingName = "prometheus_series_conflicting_total"

    /// So many series that are not kept are told apart, and counted.
    private static let refusalLimit = 10_000

    private struct State {
        var families: [String: MetricFamily] = [:]
        var seriesCount = 0
        /// The hashes of what is not kept: each counts once, however often it is asked for.
        var dropped: Set<Int> = []
        var conflicting: Set<Int> = []
    }

    private let help: [String: String]
    private let buckets: [Double]
    private let seriesLimit: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - help: what each metric means, by its name.
    ///   - buckets: the upper bounds of histograms, in seconds, ascending.
    package init(
        help: [String: String] = [:], buckets: [Double] = PrometheusRegistry.durationBuckets,
        seriesLimit: Int = 5_000
    ) {
        self.help = help
        self.buckets = buckets
        self.seriesLimit = seriesLimit
    }

    /// From what a provider next door takes to what ends in a time-out.
    package static let durationBuckets: [Double] = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
    ]

    /// All of it in Prometheus's text format 0.0.4, in the order of the names.
    package var text: [UInt8] { text(with: []) }

    /// - Parameter values: what else this scrape is to have. They are few, and do not count among the series that are kept.
    package func text(with values: [ScrapedValue]) -> [UInt8] {
        var output = ExpositionText()
        let state = state.withLock { $0 }
        var families = state.families
        for value in values {
            let kind: MetricFamily.Kind = value.kind == .counter ? .counter : .gauge
            families[value.name, default: MetricFamily(name: value.name, kind: kind)].series[value.labels] =
                .scraped(value.value)
        }
        for family in families.values.sorted(by: { $0.name < $1.name }) {
            output.write(family, help: help[family.name])
        }
        for (name, refused, help) in [
            (Self.conflictingName, state.conflicting, "Series that are not kept, because of their kind."),
            (Self.droppedName, state.dropped, "Series that are not kept, because there are too many."),
        ] where !refused.isEmpty {
            var family = MetricFamily(name: name, kind: .counter)
            family.series[[]] = .scraped(Double(refused.count))
            output.write(family, help: help)
        }
        return output.octets
    }

    /// All counters as they are now.
    package var counters: [CounterReading] {
        let families = state.withLock { $0.families.values.filter { $0.kind == .counter } }
        return families.flatMap { family in
            family.series.compactMap { labels, series -> CounterReading? in
                guard case .counter(let counter) = series else { return nil }
                return CounterReading(
                    name: family.name, labels: labels.map { (name: $0.name, value: $0.value) },
                    value: counter.value)
            }
        }
    }

    /// The series with these labels; a new one, unless there are too many, or the name has another kind.
    private func series(
        _ name: String, _ labels: [(String, String)], _ kind: MetricFamily.Kind, _ make: () -> MetricSeries
    ) -> MetricSeries? {
        let labels = labels.map { MetricLabel(name: MetricName.label($0.0), value: $0.1) }
            .sorted { $0.name < $1.name }
        let name = MetricName.metric(name)
        return state.withLock { state in
            var family = state.families[name] ?? MetricFamily(name: name, kind: kind)
            guard family.kind == kind else {
                Self.note(name, labels, in: &state.conflicting)
                return nil
            }
            if let known = family.series[labels] { return known }
            guard state.seriesCount < seriesLimit else {
                Self.note(name, labels, in: &state.dropped)
                return nil
            }
            let made = make()
            family.series[labels] = made
            state.families[name] = family
            state.seriesCount += 1
            return made
        }
    }

    private static func note(_ name: String, _ labels: [MetricLabel], in refused: inout Set<Int>) {
        guard refused.count < refusalLimit else { return }
        var hasher = Hasher()
        hasher.combine(name)
        hasher.combine(labels)
        refused.insert(hasher.finalize())
    }
}

extension PrometheusRegistry: MetricsFactory {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let series = series(label, dimensions, .counter) { .counter(CounterSeries()) }
        guard case .counter(let counter)? = series else { return CounterSeries() }
        return counter
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        let series = series(label, dimensions, .gauge) { .gauge(GaugeSeries()) }
        guard case .gauge(let gauge)? = series else { return GaugeSeries() }
        return gauge
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else {
            let series = series(label, dimensions, .gauge) { .gauge(GaugeSeries()) }
            guard case .gauge(let gauge)? = series else { return GaugeSeries() }
            return gauge
        }
        return histogram(label, dimensions)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, dimensions)
    }

    private func histogram(_ label: String, _ dimensions: [(String, String)]) -> HistogramSeries {
        let series = series(label, dimensions, .histogram) { .histogram(HistogramSeries(bounds: buckets)) }
        guard case .histogram(let histogram)? = series else { return HistogramSeries(bounds: []) }
        return histogram
    }

    // Series stay for as long as the process: a counter that goes back to nothing would read as a restart.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}
