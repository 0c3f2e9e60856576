/// Writes fields so that distinct contents give distinct octets: every text has its length before it.
package struct OctetWriter {
    package private(set) var octets: [UInt8] = []

    package init() {}

    package mutating func append(_ octet: UInt8) { octets.append(octet) }

    package mutating func append(contentsOf more: [UInt8]) { octets.append(contentsOf: more) }

    /// 8 octets, big endian.
    package mutating func append(_ number: Int64) { append(bigEndian: number) }

    /// The length in 4 octets, then the UTF-8 octets.
    package mutating func append(text: String) {
        append(bigEndian: UInt32(text.utf8.count))
        octets.append(contentsOf: text.utf8)
    }

    private mutating func append(bigEndian number: some FixedWidthInteger) {
        var shift = type(of: number).bitWidth - 8
        while shift >= 0 {
            octets.append(UInt8(truncatingIfNeeded: number >> shift))
            shift -= 8
        }
    }
}
