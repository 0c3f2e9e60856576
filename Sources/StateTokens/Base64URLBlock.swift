/// Sixteen characters of base64url and the twelve octets that they stand for, all at once: 6 bits in each lane.
struct Base64URLBlock {
    static let characterCount = 16
    static let byteCount = 12
    /// The octets behind a block that are read or written with it.
    static let slack = 2

    private let values: SIMD16<UInt8>

    /// The 12 octets from `offset` on; there must be ``slack`` more.
    init(octets: RawSpan, at offset: Int) {
        let first = unsafe octets.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
        let second = unsafe octets.unsafeLoadUnaligned(fromByteOffset: offset + 6, as: UInt64.self)
        let spread = SIMD2(Self.spread(first.bigEndian >> 16), Self.spread(second.bigEndian >> 16))
        values = unsafe unsafeBitCast(spread, to: SIMD16<UInt8>.self)
    }

    /// The 16 characters from `offset` on, or `nil` if one of them is not in the alphabet.
    init?(characters: RawSpan, at offset: Int) {
        let text = unsafe characters.unsafeLoadUnaligned(fromByteOffset: offset, as: SIMD16<UInt8>.self)
        // The first of each range comes to 0; what is before it wraps round to a great value.
        let upper = text &- UInt8(ascii: "A")
        let lower = text &- UInt8(ascii: "a")
        let digit = text &- UInt8(ascii: "0")
        // Beyond the alphabet, and beyond 6 bits.
        var values = SIMD16<UInt8>(repeating: 0xff)
        values.replace(with: upper, where: upper .< 26)
        values.replace(with: lower &+ 26, where: lower .< 26)
        values.replace(with: digit &+ 52, where: digit .< 10)
        values.replace(with: 62, where: text .== UInt8(ascii: "-"))
        values.replace(with: 63, where: text .== UInt8(ascii: "_"))
        let halves = unsafe unsafeBitCast(values, to: SIMD2<UInt64>.self)
        guard (halves[0] | halves[1]) & 0xc0c0_c0c0_c0c0_c0c0 == 0 else { return nil }
        self.values = values
    }

    /// Writes 16 characters.
    func write(to output: UnsafeMutablePointer<UInt8>) {
        var text = values &+ UInt8(ascii: "A")
        text.replace(with: values &+ (UInt8(ascii: "a") - 26), where: values .>= 26)
        text.replace(with: values &- (52 - UInt8(ascii: "0")), where: values .>= 52)
        text.replace(with: UInt8(ascii: "-"), where: values .== 62)
        text.replace(with: UInt8(ascii: "_"), where: values .== 63)
        unsafe UnsafeMutableRawPointer(output).storeBytes(of: text, as: SIMD16<UInt8>.self)
    }

    /// Writes 12 octets, and ``slack`` more that mean nothing.
    func write(octetsTo output: UnsafeMutablePointer<UInt8>) {
        let halves = unsafe unsafeBitCast(values, to: SIMD2<UInt64>.self)
        let output = UnsafeMutableRawPointer(output)
        unsafe output.storeBytes(of: (Self.gather(halves[0]) << 16).bigEndian, as: UInt64.self)
        unsafe output.storeBytes(
            of: (Self.gather(halves[1]) << 16).bigEndian, toByteOffset: 6, as: UInt64.self)
    }

    /// The 48 lower bits, 6 to an octet, the highest in the first octet of memory.
    private static func spread(_ bits: UInt64) -> UInt64 {
        var bits = bits
        bits = bits & 0x0000_0000_00ff_ffff | (bits & 0x0000_ffff_ff00_0000) << 8
        bits = bits & 0x0000_0fff_0000_0fff | (bits & 0x00ff_f000_00ff_f000) << 4
        bits = bits & 0x003f_003f_003f_003f | (bits & 0x0fc0_0fc0_0fc0_0fc0) << 2
        return bits.bigEndian
    }

    /// The reverse of ``spread(_:)``.
    private static func gather(_ octets: UInt64) -> UInt64 {
        var bits = octets.bigEndian
        bits = bits & 0x003f_003f_003f_003f | (bits & 0x3f00_3f00_3f00_3f00) >> 2
        bits = bits & 0x0000_0fff_0000_0fff | (bits & 0x0fff_0000_0fff_0000) >> 4
        bits = bits & 0x0000_0000_00ff_ffff | (bits & 0x00ff_ffff_0000_0000) >> 8
        return bits
    }
}
