import CoreMetrics
import Testing

@testable import PrometheusMetrics

@Suite("PrometheusRegistry") struct PrometheusRegistryTests {
    private func text(_ registry: PrometheusRegistry) -> String {
        String(decoding: registry.text, as: UTF8.self)
    }

    @Test func `nothing counted is nothing said`() {
        #expect(text(PrometheusRegistry()).isEmpty)
    }

    @Test func `a counter is one line for each set of labels, whatever their order`() {
        let registry = PrometheusRegistry(help: ["flows_total": "Flows."])
        registry.makeCounter(label: "flows_total", dimensions: [("b", "2"), ("a", "1")]).increment(by: 2)
        registry.makeCounter(label: "flows_total", dimensions: [("a", "1"), ("b", "2")]).increment(by: 1)
        registry.makeCounter(label: "flows_total", dimensions: [("a", "0"), ("b", "2")]).increment(by: 1)
        #expect(
            text(registry) == """
                # HELP flows_total Flows.
                # TYPE flows_total counter
                flows_total{a="0",b="2"} 1
                flows_total{a="1",b="2"} 3

                """)
    }

    @Test func `a timer is a histogram in seconds whose buckets add up`() {
        let registry = PrometheusRegistry(buckets: [0.1, 1])
        let timer = registry.makeTimer(label: "took_seconds", dimensions: [("x", "y")])
        for nanoseconds in [100_000_000, 500_000_000, 2_000_000_000] as [Int64] {
            timer.recordNanoseconds(nanoseconds)
        }
        #expect(
            text(registry) == """
                # TYPE took_seconds histogram
                took_seconds_bucket{x="y",le="0.1"} 1
                took_seconds_bucket{x="y",le="1"} 2
                took_seconds_bucket{x="y",le="+Inf"} 3
                took_seconds_sum{x="y"} 2.6
                took_seconds_count{x="y"} 3

                """)
    }

    @Test func `a meter goes up and down`() {
        let registry = PrometheusRegistry()
        let meter = registry.makeMeter(label: "open", dimensions: [])
        meter.set(Int64(3))
        meter.increment(by: 0.5)
        meter.decrement(by: 2)
        #expect(text(registry) == "# TYPE open gauge\nopen 1.5\n")
    }

    @Test func `a value cannot break out of its quotation marks or its line`() {
        let registry = PrometheusRegistry(help: ["x": "a\\b\nc"])
        registry.makeCounter(label: "x", dimensions: [("l", "a\"b\\c\nd")]).increment(by: 1)
        #expect(text(registry) == "# HELP x a\\\\b\\nc\n# TYPE x counter\nx{l=\"a\\\"b\\\\c\\nd\"} 1\n")
    }

    @Test func `S23 no control character of a label gets into the text`() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "x", dimensions: [("l", "a\u{7F}b\u{85}c\r\u{1B}[2J")]).increment(by: 1)
        let controls = text(registry).unicodeScalars.filter { $0.properties.generalCategory == .control }
        #expect(controls.allSatisfy { $0 == "\n" } && text(registry).contains("a\u{FFFD}b\u{FFFD}c"))
    }

    @Test(arguments: ["9lives", "a b", "é", "", "a\nb"]) func `a name is made one that scrapers take`(
        _ name: String
    ) {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: name, dimensions: [(name, "v")]).increment(by: 1)
        let line = text(registry).split(separator: "\n").last.map(String.init) ?? ""
        #expect(
            line.wholeMatch(of: /[a-zA-Z_:][a-zA-Z0-9_:]*\{[a-zA-Z_][a-zA-Z0-9_]*="v"\} 1/) != nil, "\(line)")
    }

    @Test func `S28 labels without end cost a bounded number of series`() {
        let registry = PrometheusRegistry(seriesLimit: 10)
        for index in 0..<1_000 {
            registry.makeCounter(label: "x", dimensions: [("l", "\(index)")]).increment(by: 1)
        }
        let lines = text(registry).split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("x{") } == 10)
        #expect(lines.last == "prometheus_series_dropped_total 990")
    }

    @Test func `one name is one kind`() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "x", dimensions: []).increment(by: 1)
        registry.makeMeter(label: "x", dimensions: []).set(Int64(7))
        #expect(text(registry).contains("\nx 1\n"))
        #expect(!text(registry).contains("gauge"))
        #expect(text(registry).hasSuffix("\nprometheus_series_conflicting_total 1\n"))
        #expect(!text(registry).contains("prometheus_series_dropped_total"))
    }

    @Test func `a series that is not kept counts once, however often it is counted or asked for`() {
        let registry = PrometheusRegistry(seriesLimit: 1)
        registry.makeCounter(label: "x", dimensions: []).increment(by: 1)
        for _ in 0..<3 {
            registry.makeCounter(label: "x", dimensions: [("l", "1")]).increment(by: 5)
            registry.makeTimer(label: "t", dimensions: [("l", "1")]).recordNanoseconds(1)
            registry.makeMeter(label: "g", dimensions: []).set(Int64(1))
        }
        #expect(text(registry).hasSuffix("\nprometheus_series_dropped_total 3\n"))
    }

    @Test func `what is found out at a scrape is in its place, and in no later one`() {
        let registry = PrometheusRegistry(help: ["ring_info": "Rings.", "b_total": "B."])
        registry.makeCounter(label: "b_total", dimensions: []).increment(by: 1)
        func scrape(_ digest: String) -> String {
            let values = [
                ScrapedValue("ring_info", 1, labels: [("digest", digest), ("a", "x")]),
                ScrapedValue("ring_info", 1, labels: [("digest", "0"), ("a", "y\"")]),
                ScrapedValue("a_seconds_total", 1.25, kind: .counter),
            ]
            return String(decoding: registry.text(with: values), as: UTF8.self)
        }
        #expect(
            scrape("1") == """
                # TYPE a_seconds_total counter
                a_seconds_total 1.25
                # HELP b_total B.
                # TYPE b_total counter
                b_total 1
                # HELP ring_info Rings.
                # TYPE ring_info gauge
                ring_info{a="x",digest="1"} 1
                ring_info{a="y\\"",digest="0"} 1

                """)
        #expect(!scrape("2").contains(#"digest="1""#))
        #expect(!text(registry).contains("ring_info"))
    }
}
