/// A number that is found out when a scraper asks, and not kept: a series whose labels change leaves nothing behind.
package struct ScrapedValue: Sendable {
    package enum Kind: Sendable {
        case counter, gauge
    }

    let name: String
    let kind: Kind
    let labels: [MetricLabel]
    let value: Double

    package init(_ name: String, _ value: Double, labels: [(String, String)] = [], kind: Kind = .gauge) {
        self.name = MetricName.metric(name)
        self.kind = kind
        self.labels = labels.map { MetricLabel(name: MetricName.label($0.0), value: $0.1) }
            .sorted { $0.name < $1.name }
        self.value = value
    }
}
