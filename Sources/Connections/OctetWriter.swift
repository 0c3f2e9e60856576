/// Writes fields so that distinct contents give distinct octets: every text has its length before it.
struct OctetWriter {
    private(set) var octets: [UInt8] = []

    mutating func append(_ octet: UInt8) { octets.append(octet) }

    mutating func append(contentsOf more: [UInt8]) { octets.append(contentsOf: more) }

    /// Big endian.
    mutating func append(_ number: some FixedWidthInteger) {
        var shift = type(of: number).bitWidth - 8
        while shift >= 0 {
            octets.append(UInt8(truncatingIfNeeded: number >> shift))
            shift -= 8
        }
    }

    /// The length in 4 octets, then the UTF-8 octets.
    mutating func append(text: String) {
        let payload = Array(text.utf8)
        append(UInt32(payload.count))
        octets.append(contentsOf: payload)
    }
}
