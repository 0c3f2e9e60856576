/// Encodes and decodes most of a text in steps of several characters.
extension Base64URL {
    /// Writes the text of some octets.
    ///
    /// - Parameter count: how many characters that is.
    static func encode(_ bytes: Span<UInt8>, to output: UnsafeMutablePointer<UInt8>, count: Int) {
        unsafe bytes.withUnsafeBytes { unsafe encode($0, to: output, count: count) }
    }

    private static func encode(
        _ octets: UnsafeRawBufferPointer, to output: UnsafeMutablePointer<UInt8>, count: Int
    ) {
        let pairs = unsafe pairs
        // Blocks of 6 octets, of which 8 are read.
        var target = UnsafeMutableRawPointer(output)
        var source = 0
        while source &+ 8 <= octets.count {
            let bits = unsafe UInt64(
                bigEndian: octets.loadUnaligned(fromByteOffset: source, as: UInt64.self))
            // Four stores take fewer instructions than joining the pairs for one.
            unsafe target.storeBytes(of: pairs[Int(bits >> 52)], as: UInt16.self)
            unsafe target.storeBytes(of: pairs[Int(bits >> 40 & 0xfff)], toByteOffset: 2, as: UInt16.self)
            unsafe target.storeBytes(of: pairs[Int(bits >> 28 & 0xfff)], toByteOffset: 4, as: UInt16.self)
            unsafe target.storeBytes(of: pairs[Int(bits >> 16 & 0xfff)], toByteOffset: 6, as: UInt16.self)
            unsafe target += 8
            source &+= 6
        }
        // Fewer than 8 octets are left, and the last character fills up with zeros.
        var bits = unsafe octets.bits(from: source)
        var left = count &- source / 6 &* 8
        while left >= 2 {
            unsafe target.storeBytes(of: pairs[Int(bits >> 52)], as: UInt16.self)
            unsafe target += 2
            bits <<= 12
            left &-= 2
        }
        if left == 1 { unsafe target.storeBytes(of: character(Int(bits >> 58)), as: UInt8.self) }
    }

    /// Writes the octets of blocks of 4 characters, 3 and one that the next 2 characters write over.
    ///
    /// - Returns: how many characters that was, and 64 or more if one of them is outside the alphabet.
    static func decodeBlocks(
        _ text: UnsafeRawBufferPointer, to output: UnsafeMutablePointer<UInt8>
    ) -> (count: Int, seen: UInt8) {
        let sextets = unsafe sextets
        var target = UnsafeMutableRawPointer(output)
        var source = 0
        var seen: UInt32 = 0
        while source &+ 6 <= text.count {
            let first = unsafe sextets[Int(text[source])]
            let second = unsafe sextets[256 &+ Int(text[source &+ 1])]
            let third = unsafe sextets[512 &+ Int(text[source &+ 2])]
            let fourth = unsafe sextets[768 &+ Int(text[source &+ 3])]
            let octets = first | second | third | fourth
            seen |= octets
            unsafe target.storeBytes(of: octets.littleEndian, as: UInt32.self)
            unsafe target += 3
            source &+= 4
        }
        return (source, UInt8(seen >> 24))
    }

    /// For 12 bits their two characters, the first at the lower address.
    // Not isolated, and safe: its initialiser runs once, before any code has the pointer; after that the table is only read,
    // and it is never released.
    private nonisolated(unsafe) static let pairs: UnsafePointer<UInt16> = {
        let table = UnsafeMutablePointer<UInt16>.allocate(capacity: 4096)
        for bits in 0..<4096 {
            let characters = UInt16(character(bits >> 6)) | UInt16(character(bits & 63)) << 8
            unsafe table[bits] = characters.littleEndian
        }
        return unsafe UnsafePointer(table)
    }()

    /// For each of four places in a block, and each octet, the bits that it stands for, the first octet lowest; 64 in the
    /// highest octet if it is outside the alphabet.
    // Not isolated, and safe for the same reason: written once, then only read, and never released.
    private nonisolated(unsafe) static let sextets: UnsafePointer<UInt32> = {
        let table = UnsafeMutablePointer<UInt32>.allocate(capacity: 4 * 256)
        unsafe table.initialize(repeating: 64 << 24, count: 4 * 256)
        for place in 0..<4 {
            for value in 0..<64 {
                let bits = UInt32(value) << (26 - 6 * place)
                unsafe table[256 * place + Int(character(value))] = bits.byteSwapped
            }
        }
        return unsafe UnsafePointer(table)
    }()
}

extension UnsafeRawBufferPointer {
    /// The octets from `start` on, fewer than 8, the first one highest, and zeros after the last.
    fileprivate func bits(from start: Int) -> UInt64 {
        let left = count &- start
        guard count >= 8 else {
            var bits: UInt64 = 0
            for offset in 0..<left { bits |= UInt64(unsafe self[start &+ offset]) << (56 &- 8 &* offset) }
            return bits
        }
        let last = unsafe UInt64(bigEndian: loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self))
        // A shift by 64 leaves nothing.
        return last << (64 &- 8 &* left)
    }
}
