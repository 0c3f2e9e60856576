import ArgumentParser

/// A whole number of seconds, or of another unit: `600`, `600s`, `10m`, `24h`, `90d`.
struct DurationArgument: ExpressibleByArgument {
    let seconds: Int64

    init(seconds: Int64) { self.seconds = seconds }

    init?(argument: String) {
        let digits = argument.utf8.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let unit = argument.utf8.dropFirst(digits.count)
        guard let factor = Self.units[String(Substring(unit))], let number = Int64(Substring(digits)) else {
            return nil
        }
        let (seconds, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        self.seconds = seconds
    }

    var duration: Duration { .seconds(seconds) }

    var defaultValueDescription: String { String(seconds) }

    private static let units: [String: Int64] = ["": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400]
}
