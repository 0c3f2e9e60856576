/// Prometheus's text exposition format, version 0.0.4.
struct ExpositionText {
    private(set) var octets: [UInt8] = []

    mutating func write(_ family: MetricFamily, help: String?) {
        if let help { line("# HELP \(family.name) \(Self.escaped(help, quotes: false))") }
        line("# TYPE \(family.name) \(family.kind.rawValue)")
        let series = family.series.map { (labels: Self.text($0.key), series: $0.value) }
        for (labels, series) in series.sorted(by: { $0.labels < $1.labels }) {
            switch series {
            case .counter(let counter): sample(family.name, labels, "\(counter.value)")
            case .gauge(let gauge): sample(family.name, labels, Self.number(gauge.value))
            case .histogram(let histogram): write(histogram, family.name, labels)
            case .scraped(let value): sample(family.name, labels, Self.number(value))
            }
        }
    }

    private mutating func write(_ histogram: HistogramSeries, _ name: String, _ labels: String) {
        let content = histogram.value
        let separator = labels.isEmpty ? "" : ","
        for (bound, count) in zip(histogram.bounds, content.counts) {
            sample("\(name)_bucket", "\(labels)\(separator)le=\"\(Self.number(bound))\"", "\(count)")
        }
        sample("\(name)_bucket", "\(labels)\(separator)le=\"+Inf\"", "\(content.count)")
        sample("\(name)_sum", labels, Self.number(content.sum))
        sample("\(name)_count", labels, "\(content.count)")
    }

    private mutating func sample(_ name: String, _ labels: String, _ value: String) {
        line(labels.isEmpty ? "\(name) \(value)" : "\(name){\(labels)} \(value)")
    }

    private mutating func line(_ text: String) {
        octets.append(contentsOf: text.utf8)
        octets.append(UInt8(ascii: "\n"))
    }

    private static func text(_ labels: [MetricLabel]) -> String {
        labels.map { "\($0.name)=\"\(escaped($0.value, quotes: true))\"" }.joined(separator: ",")
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }

    /// Controls, which the format knows no escape for, are replaced: a value must not move a terminal's cursor.
    private static func escaped(_ text: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            case _ where scalar.properties.generalCategory == .control: escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
