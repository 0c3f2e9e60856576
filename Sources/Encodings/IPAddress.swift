/// An IPv4 or IPv6 address, in network byte order.
package enum IPAddress: Sendable {
    case v4(InlineArray<4, UInt8>)
    case v6(InlineArray<16, UInt8>)
}

extension IPAddress: Hashable {
    package static func == (left: IPAddress, right: IPAddress) -> Bool {
        switch (left, right) {
        case (.v4(let left), .v4(let right)): left.indices.allSatisfy { left[$0] == right[$0] }
        case (.v6(let left), .v6(let right)): left.indices.allSatisfy { left[$0] == right[$0] }
        case (.v4, .v6), (.v6, .v4): false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .v4(let octets): for index in octets.indices { hasher.combine(octets[index]) }
        case .v6(let octets): for index in octets.indices { hasher.combine(octets[index]) }
        }
    }
}

extension IPAddress {
    /// Who can be reached at an address: requests to providers must stay on the public internet.
    package enum Reach: Sendable, Equatable {
        case `public`
        case loopback
        /// Private, shared (RFC 6598) or unique local: an internal network.
        case `private`
        /// Unspecified, link-local (cloud metadata lives there), multicast, reserved, documentation.
        case special
    }

    package var reach: Reach {
        switch self {
        case .v4(let octets): Self.reach(octets[0], octets[1], octets[2])
        case .v6: Self.reach(v6: octets)
        }
    }

    /// IANA's special-purpose registry (RFC 6890).
    private static func reach(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Reach {
        switch (first, second, third) {
        case (127, _, _): return .loopback
        case (10, _, _), (172, 16...31, _), (192, 168, _), (100, 64...127, _): return .private
        case (0, _, _), (169, 254, _), (192, 0, 0), (192, 0, 2), (192, 88, 99), (198, 18...19, _),
            (198, 51, 100), (203, 0, 113), (224..., _, _):
            return .special
        default: return .public
        }
    }

    /// Only 2000::/3 is in use for the public internet; forms that carry an IPv4 address are judged by it.
    private static func reach(v6 octets: [UInt8]) -> Reach {
        if octets.dropLast().allSatisfy({ $0 == 0 }) { return octets[15] == 1 ? .loopback : .special }
        let isMapped = octets[0..<10].allSatisfy { $0 == 0 } && octets[10] == 0xFF && octets[11] == 0xFF
        let isNAT64 = octets.starts(with: [0x00, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0])
        if isMapped || isNAT64 { return reach(octets[12], octets[13], octets[14]) }
        if octets.starts(with: [0x20, 0x02]) { return reach(octets[2], octets[3], octets[4]) }
        if octets[0] & 0xFE == 0xFC { return .private }
        if octets.starts(with: [0x20, 0x01, 0x0D, 0xB8]) { return .special }
        if octets.starts(with: [0x20, 0x01]), octets[2] < 2 { return .special }
        // Documentation, too (RFC 9637): 3fff::/20.
        if octets.starts(with: [0x3F, 0xFF]), octets[2] < 0x10 { return .special }
        return octets[0] & 0xE0 == 0x20 ? .public : .special
    }
}
