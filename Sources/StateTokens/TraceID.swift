/// The trace that a flow belongs to: the 16 octets of W3C Trace Context's trace-id.
public struct TraceID: Sendable, Hashable {
    let storage: Octets<16>

    /// - Returns: `nil` unless there are 16 octets.
    public init?(octets: [UInt8]) {
        guard let storage = Octets<16>(octets.span) else { return nil }
        self.storage = storage
    }

    init(storage: Octets<16>) { self.storage = storage }

    /// The 16 octets.
    public var octets: [UInt8] { storage.array }
}
