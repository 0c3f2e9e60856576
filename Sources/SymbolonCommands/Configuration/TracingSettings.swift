internal import OpenTelemetry

/// `tracing`: where spans go, and of how many traces.
struct TracingSettings {
    let collector: CollectorAddress
    let headers: [CollectorHeader]
    /// Of the traces that begin here, from 0 to 1.
    let share: Double

    /// - Returns: `nil` without an endpoint: then nothing is traced.
    static func read(_ reader: inout SettingsReader) -> TracingSettings? {
        let endpoint = reader.text(.tracingEndpoint)
        let headers = headers(&reader)
        let share = share(&reader, default: endpoint == nil ? nil : "1")
        guard let endpoint else {
            for (setting, isGiven) in [
                (Setting.tracingHeadersFile, headers != nil), (.tracingSample, share != nil),
            ] where isGiven {
                reader.report("\(setting.name) is set, but not \(Setting.tracingEndpoint.name)")
            }
            return nil
        }
        guard let collector = CollectorAddress(endpoint) else {
            reader.report(
                "tracing.otlp_endpoint must be the http or https URL of a collector such as "
                    + "http://localhost:4318, without a user, a query or a fragment")
            return nil
        }
        if headers != nil, !collector.isSecure, !collector.isLoopback {
            reader.report(
                "tracing.headers_file may hold a key, so that tracing.otlp_endpoint must be https, or on this machine"
            )
        }
        return TracingSettings(collector: collector, headers: headers ?? [], share: share ?? 1)
    }

    private static func share(_ reader: inout SettingsReader, default fallback: String?) -> Double? {
        guard let text = reader.text(.tracingSample, default: fallback) else { return nil }
        // No exponent, no sign, no infinity.
        let isDecimal = text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") }
        guard isDecimal, let share = Double(text), (0...1).contains(share) else {
            reader.report("tracing.sample must be a number from 0 to 1, such as 0.1")
            return nil
        }
        return share
    }

    private static func headers(_ reader: inout SettingsReader) -> [CollectorHeader]? {
        guard let content = reader.content(ofFileAt: .tracingHeadersFile) else { return nil }
        do throws(CollectorHeaderError) {
            return try CollectorHeader.list(content)
        } catch {
            switch error {
            case .empty: reader.report("tracing.headers_file: the file has no header")
            case .malformed(let line):
                reader.report("tracing.headers_file: line \(line) of the file is not a header `Name: value`")
            }
            return nil
        }
    }
}
