extension Span<UInt8> {
    /// Joins the bits that `test` finds in the octets. It gets eight at a time, in no fixed order, some of them twice.
    ///
    /// - Parameter padding: an octet in which `test` finds nothing; it fills up fewer than eight.
    // Most texts are short, so that this is faster than the vectors that the compiler makes of a loop over octets.
    @inline(__always)
    func findInWords(padding: UInt8, _ test: (UInt64) -> UInt64) -> UInt64 {
        unsafe withUnsafeBytes { octets in
            guard octets.count >= 8 else {
                var word = UInt64(repeating: padding)
                for offset in 0..<octets.count { unsafe word = word << 8 | UInt64(octets[offset]) }
                return test(word)
            }
            // The last eight overlap those before them.
            let last = octets.count &- 8
            var found = test(unsafe octets.loadUnaligned(fromByteOffset: last, as: UInt64.self))
            var index = 0
            while index < last {
                found |= test(unsafe octets.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                index &+= 8
            }
            return found
        }
    }
}

extension UInt64 {
    /// The same octet eight times.
    @inline(__always)
    init(repeating octet: UInt8) { self = UInt64(octet) &* 0x0101_0101_0101_0101 }
}
