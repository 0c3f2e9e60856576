extension OutputSpan<UInt8> {
    /// Appends octets, for which there is room, in one go.
    @inlinable @inline(__always) package mutating func append(octets: Span<UInt8>) {
        precondition(octets.count <= freeCapacity, "no room for \(octets.count) octets")
        unsafe withUnsafeMutableBufferPointer { buffer, initialized in
            unsafe octets.withUnsafeBufferPointer { source in
                guard let base = buffer.baseAddress, let start = source.baseAddress else { return }
                unsafe (base + initialized).initialize(from: start, count: source.count)
            }
            initialized += octets.count
        }
    }
}

extension [UInt8] {
    /// The same octets.
    @inlinable package init(_ octets: Span<UInt8>) {
        self = [UInt8](capacity: octets.count) { $0.append(octets: octets) }
    }
}
