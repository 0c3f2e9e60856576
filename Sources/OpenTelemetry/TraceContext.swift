/// The place of a span in its trace, as W3C Trace Context carries it from one service to the next.
package struct TraceContext: Sendable, Hashable {
    /// The length of a `traceparent` of version 00, in octets.
    static let byteCount = 55

    /// Not 0.
    package let traceID: UInt128
    /// Not 0.
    package let spanID: UInt64
    /// Whether the trace is recorded.
    package let isSampled: Bool
    /// The `tracestate` of other systems, handed on unchanged.
    package let state: String?

    /// - Returns: `nil` if an id is 0, which W3C Trace Context §3.2.2 has no trace for.
    package init?(traceID: UInt128, spanID: UInt64, isSampled: Bool, state: String? = nil) {
        guard traceID != 0, spanID != 0 else { return nil }
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
        self.state = state
    }

    /// Reads the fields of a request (W3C Trace Context §3.2 and §3.3).
    ///
    /// - Parameter tracestate: left out, and nothing else, if it is not valid.
    /// - Returns: `nil` unless `traceparent` is valid: then there is no trace to continue.
    package init?(traceparent: String, tracestate: String? = nil) {
        let octets = traceparent.utf8.span
        let hyphen = UInt8(ascii: "-")
        guard octets.count >= Self.byteCount, octets[2] == hyphen, octets[35] == hyphen,
            octets[52] == hyphen, let version: UInt8 = Self.number(octets, at: 0), version != 0xff,
            let traceID: UInt128 = Self.number(octets, at: 3),
            let spanID: UInt64 = Self.number(octets, at: 36), let flags: UInt8 = Self.number(octets, at: 53)
        else { return nil }
        // Later versions may add fields behind these four.
        guard octets.count == Self.byteCount || version != 0 && octets[Self.byteCount] == hyphen else {
            return nil
        }
        self.init(
            traceID: traceID, spanID: spanID, isSampled: flags & 1 == 1,
            state: tracestate.flatMap { TraceState.isValid($0) ? $0 : nil })
    }

    /// The field of a request, in version 00.
    package var traceparent: String {
        "00-\(traceID.hexadecimal)-\(spanID.hexadecimal)-\(isSampled ? "01" : "00")"
    }

    /// Digits in lower case; any other octet makes it no number.
    private static func number<Number: FixedWidthInteger>(
        _ octets: Span<UInt8>, at offset: Int
    ) -> Number? {
        var number: Number = 0
        for index in offset..<offset + Number.bitWidth / 4 {
            let digit = octets[index]
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                number = number << 4 | Number(digit - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"):
                number = number << 4 | Number(digit - UInt8(ascii: "a") + 10)
            default: return nil
            }
        }
        return number
    }
}

extension FixedWidthInteger {
    /// All digits, in lower case: 32 of a trace id, 16 of a span id.
    var hexadecimal: String {
        let digits = String(self, radix: 16)
        return String(repeating: "0", count: Self.bitWidth / 4 - digits.utf8.count) + digits
    }
}

extension TraceContext {
    /// 32 digits, as logs have it.
    package var traceIDText: String { traceID.hexadecimal }

    /// 16 digits.
    package var spanIDText: String { spanID.hexadecimal }
}
