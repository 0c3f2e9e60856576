internal import Encodings

/// What came of sending spans to a collector.
package enum SpanDelivery: Sendable, Equatable {
    /// So many of them were rejected all the same.
    case accepted(rejectedCount: Int)
    /// To send them again would bring nothing.
    case rejected(reason: String)
    /// They may be sent again, after this time if the collector names one.
    case unavailable(reason: String, wait: Duration?)

    /// Classifies a response (OTLP/HTTP Response).
    ///
    /// - Parameter retryAfter: the field of this name; only seconds are read, a minute at most.
    package init(status: Int, body: [UInt8], retryAfter: String?) {
        switch status {
        case 200..<300: self = .accepted(rejectedCount: Self.rejectedCount(body))
        case 429, 502, 503, 504:
            self = .unavailable(
                reason: "status \(status)",
                wait: retryAfter.flatMap { UInt16($0) }.map { .seconds(min(Int($0), 60)) })
        default: self = .rejected(reason: "status \(status)")
        }
    }

    /// The number of a partial success, which JSON writes as a string. A body that says nothing of it rejects nothing.
    private static func rejectedCount(_ body: [UInt8]) -> Int {
        do throws(JSONSyntaxError) {
            guard case .object(let answer) = try JSONValue.parse(body, depthLimit: 8),
                case .object(let partial)? = answer["partialSuccess"],
                let count = partial["rejectedSpans"]?.text.flatMap({ Int($0) })
            else { return 0 }
            return max(0, count)
        } catch {
            return 0
        }
    }
}
