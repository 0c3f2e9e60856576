internal import Encodings

extension ProviderHTTPConfiguration {
    /// Whether a request may go to an address.
    func allows(_ address: IPAddress) -> Bool {
        guard !CloudMetadata.contains(address) else { return false }
        if allowedAddresses.contains(where: { $0.contains(address) }) { return true }
        return switch address.reach {
        case .public: true
        case .loopback: allowsInsecureLoopback
        case .private: allowsPrivateAddresses
        case .special: allowsPrivateAddresses && Self.isHandedOut(address)
        }
    }

    /// Ranges that are not routed. Name servers (198.18.0.0/15) and service meshes (240.0.0.0/4) hand them out in place
    /// of a provider's own address.
    private static func isHandedOut(_ address: IPAddress) -> Bool {
        guard case .v4(let octets) = address else { return false }
        return octets[0] == 198 && octets[1] & 0xFE == 18
            || octets[0] >= 240 && address != .v4([255, 255, 255, 255])
    }
}

/// Where a cloud gives a machine its credentials. No setting allows these addresses, though some lie in ranges that are
/// public or private.
enum CloudMetadata {
    static let addresses = [
        // AWS, Azure, Google, Oracle and others; AWS for containers; Tencent.
        "169.254.169.254", "169.254.170.2", "169.254.170.23", "169.254.0.23",
        // Alibaba, Azure's agent, Oracle.
        "100.100.100.200", "168.63.129.16", "192.0.0.192",
        // AWS for machines and containers, Google, Scaleway.
        "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:42::42",
    ]

    private static let ranges = addresses.compactMap { AddressRange($0) }

    /// An IPv4 address inside an IPv6 address (mapped, NAT64, 6to4) is that address.
    static func contains(_ address: IPAddress) -> Bool {
        forms(of: address).contains { form in ranges.contains { $0.contains(form) } }
    }

    private static func forms(of address: IPAddress) -> [IPAddress] {
        guard case .v6(let octets) = address else { return [address] }
        return [
            address, .v4([octets[12], octets[13], octets[14], octets[15]]),
            .v4([octets[2], octets[3], octets[4], octets[5]]),
        ]
    }
}
