extension Span<UInt8> {
    /// Joins the bits that `test` finds in the octets. It gets eight at a time, in no fixed order, some of them twice.
    ///
    /// - Parameter padding: an octet in which `test` finds nothing; it fills up fewer than eight.
    // Most texts are short, so that this is faster than the vectors that the compiler makes of a loop over octets.
    @inlinable @inline(__always)
    package func findInWords(padding: UInt8, _ test: (UInt64) -> UInt64) -> UInt64 {
        unsafe withUnsafeBytes { octets in
            guard octets.count >= 8 else {
                guard octets.count >= 4 else {
                    var word = UInt64(repeating: padding)
                    for offset in 0..<octets.count { unsafe word = word << 8 | UInt64(octets[offset]) }
                    return test(word)
                }
                // The last four overlap the first.
                let first = unsafe octets.loadUnaligned(as: UInt32.self)
                let last = unsafe octets.loadUnaligned(
                    fromByteOffset: octets.count &- 4, as: UInt32.self)
                return test(UInt64(first) << 32 | UInt64(last))
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

    /// Whether all octets are ASCII.
    @inlinable @inline(__always)
    package var isASCII: Bool { findInWords(padding: 0) { $0 & .highBits } == 0 }
}

/// Tests of eight octets at once. Each answers in the highest bit of an octet's place.
extension UInt64 {
    /// The same octet eight times.
    @inlinable @inline(__always)
    package init(repeating octet: UInt8) { self = UInt64(octet) &* 0x0101_0101_0101_0101 }

    /// The highest bit of each octet.
    @inlinable @inline(__always)
    package static var highBits: UInt64 { 0x8080_8080_8080_8080 }

    /// Not 0 if an octet is `other`. Where it is not 0, the lowest bit is right; those above it may be wrong.
    @inlinable @inline(__always)
    package func finds(_ other: UInt8) -> UInt64 { (self ^ UInt64(repeating: other)).finds(below: 1) }

    /// Not 0 if an octet is below `bound`, at most 128. Where it is not 0, the lowest bit is right; those above it may be
    /// wrong.
    @inlinable @inline(__always)
    package func finds(below bound: UInt8) -> UInt64 {
        (self &- UInt64(repeating: bound)) & ~self & .highBits
    }

    /// The octets from `first` to `last`, both ASCII, of a word that is all ASCII.
    @inlinable @inline(__always)
    package func inASCII(_ first: UInt8, through last: UInt8) -> UInt64 {
        // No sum of these carries into the next octet.
        (self &+ UInt64(repeating: 0x80 &- first)) & ~(self &+ UInt64(repeating: 0x7F &- last)) & .highBits
    }
}
