/// A block of addresses in CIDR notation (RFC 4632, RFC 4291 §2.3): `10.0.0.0/8`, `2001:db8::/32`, or one address.
package struct AddressRange: Sendable, Hashable {
    private let address: IPAddress
    private let prefixLength: Int

    /// Reads a block. One with bits beyond its prefix is rejected, because it does not say which block is meant.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first)) else { return nil }
        let bitCount = address.octets.count * 8
        var prefixLength = bitCount
        if parts.count == 2 {
            guard !parts[1].isEmpty, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let length = Int(parts[1]), length <= bitCount
            else { return nil }
            prefixLength = length
        }
        self.address = address
        self.prefixLength = prefixLength
        for bit in prefixLength..<bitCount {
            let octet: UInt8 = address.octets[bit / 8]
            if octet & (0x80 >> UInt8(bit % 8)) != 0 { return nil }
        }
    }

    package func contains(_ other: IPAddress) -> Bool {
        let mine = address.octets
        let theirs = other.octets
        guard mine.count == theirs.count else { return false }
        let whole = prefixLength / 8
        guard mine[..<whole] == theirs[..<whole] else { return false }
        let bits = prefixLength % 8
        return bits == 0 || (mine[whole] ^ theirs[whole]) >> (8 - bits) == 0
    }
}

extension AddressRange: CustomStringConvertible {
    package var description: String {
        prefixLength == address.octets.count * 8 ? address.description : "\(address)/\(prefixLength)"
    }
}
