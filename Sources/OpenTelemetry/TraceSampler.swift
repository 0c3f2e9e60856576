/// Which traces are recorded, decided once by their ids, so that all services with the same share decide alike.
package struct TraceSampler: Sendable {
    private static let randomBits = 56

    private let limit: UInt64

    /// - Parameter share: of the traces that begin here, from 0 to 1.
    package init(share: Double) {
        let all = UInt64(1) << UInt64(Self.randomBits)
        limit = UInt64((min(max(share, 0), 1) * Double(all)).rounded())
    }

    /// By the last 7 octets of the id, which are random in every trace id (W3C Trace Context Level 2 §3.2.2.3).
    package func samples(_ traceID: UInt128) -> Bool {
        UInt64(truncatingIfNeeded: traceID) & (1 << UInt64(Self.randomBits) - 1) < limit
    }
}
