#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

extension IPAddress {
    /// Reads dotted-decimal IPv4 or RFC 4291 IPv6. An IPv4 address in IPv6's clothes is one: sockets for both families
    /// show peers that way.
    package init?(_ text: String) {
        if let octets = Self.octets(text, AF_INET, count: 4) {
            self = .v4(octets)
        } else if let octets = Self.octets(text, AF_INET6, count: 16) {
            let isMapped = octets[..<10].allSatisfy { $0 == 0 } && octets[10] == 0xFF && octets[11] == 0xFF
            self = isMapped ? .v4(Array(octets[12...])) : .v6(octets)
        } else {
            return nil
        }
    }

    package var octets: [UInt8] {
        switch self {
        case .v4(let octets), .v6(let octets): octets
        }
    }

    private static func octets(_ text: String, _ family: Int32, count: Int) -> [UInt8]? {
        var octets = [UInt8](repeating: 0, count: count)
        let status = unsafe octets.withUnsafeMutableBytes { unsafe inet_pton(family, text, $0.baseAddress) }
        return status == 1 ? octets : nil
    }
}
