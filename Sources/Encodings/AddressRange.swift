/// A block of addresses in CIDR notation (RFC 4632, RFC 4291 §2.3): `10.0.0.0/8`, `2001:db8::/32`, or one address.
package struct AddressRange: Sendable, Hashable {
    private let address: IPAddress
    private let octets: [UInt8]
    private let prefixLength: Int

    /// Reads a block. One with bits beyond its prefix is rejected, because it does not say which block is meant.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let address = IPAddress(String(first)) else { return nil }
        let octets = address.octets
        let bitCount = octets.count * 8
        var prefixLength = bitCount
        if parts.count == 2 {
            guard !parts[1].isEmpty, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let length = Int(parts[1]), length <= bitCount
            else { return nil }
            prefixLength = length
        }
        self.address = address
        self.octets = octets
        self.prefixLength = prefixLength
        for bit in prefixLength..<bitCount where octets[bit / 8] & (0x80 >> UInt8(bit % 8)) != 0 {
            return nil
        }
    }

    package func contains(_ other: IPAddress) -> Bool {
        switch other {
        case .v4(let octets): contains(octets.span)
        case .v6(let octets): contains(octets.span)
        }
    }

    private func contains(_ theirs: Span<UInt8>) -> Bool {
        guard octets.count == theirs.count else { return false }
        let whole = prefixLength / 8
        for index in 0..<whole where octets[index] != theirs[index] { return false }
        let bits = prefixLength % 8
        return bits == 0 || (octets[whole] ^ theirs[whole]) >> (8 - bits) == 0
    }
}

extension AddressRange: CustomStringConvertible {
    package var description: String {
        prefixLength == octets.count * 8 ? address.description : "\(address)/\(prefixLength)"
    }
}
