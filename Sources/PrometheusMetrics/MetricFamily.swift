/// All series of one name.
struct MetricFamily {
    enum Kind: String {
        case counter, gauge, histogram
    }

    let name: String
    let kind: Kind
    var series: [[MetricLabel]: MetricSeries] = [:]
}

struct MetricLabel: Hashable {
    let name: String
    let value: String
}

/// The numbers behind one name and its labels.
enum MetricSeries {
    case counter(CounterSeries)
    case gauge(GaugeSeries)
    case histogram(HistogramSeries)
    /// Found out at this scrape.
    case scraped(Double)
}

/// What Prometheus takes for a name; anything else becomes `_`.
enum MetricName {
    static func metric(_ text: String) -> String { cleaned(text, allowingColon: true) }

    static func label(_ text: String) -> String { cleaned(text, allowingColon: false) }

    private static func cleaned(_ text: String, allowingColon: Bool) -> String {
        var octets = text.utf8.map { octet -> UInt8 in
            switch octet {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                octet
            case UInt8(ascii: ":") where allowingColon: octet
            default: UInt8(ascii: "_")
            }
        }
        if octets.first.map({ (0x30...0x39).contains($0) }) ?? true {
            octets.insert(UInt8(ascii: "_"), at: 0)
        }
        return String(decoding: octets, as: UTF8.self)
    }
}
