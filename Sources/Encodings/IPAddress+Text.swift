#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

extension IPAddress {
    /// Reads dotted-decimal IPv4 or RFC 4291 IPv6. An IPv4-mapped IPv6 address becomes the IPv4 address: a socket for both
    /// families shows IPv4 peers that way.
    package init?(_ text: String) {
        // C would read no further than a NUL.
        guard !text.utf8.contains(0) else { return nil }
        if let octets = Self.octets(text, AF_INET, count: 4) {
            self = .v4(InlineArray { octets[$0] })
        } else if let octets = Self.octets(text, AF_INET6, count: 16) {
            let isMapped = octets[..<10].allSatisfy { $0 == 0 } && octets[10] == 0xFF && octets[11] == 0xFF
            self = isMapped ? .v4(InlineArray { octets[12 + $0] }) : .v6(InlineArray { octets[$0] })
        } else {
            return nil
        }
    }

    package var octets: [UInt8] {
        switch self {
        case .v4(let octets): octets.indices.map { octets[$0] }
        case .v6(let octets): octets.indices.map { octets[$0] }
        }
    }

    private static func octets(_ text: String, _ family: Int32, count: Int) -> [UInt8]? {
        var octets = [UInt8](repeating: 0, count: count)
        let status = unsafe octets.withUnsafeMutableBytes { unsafe inet_pton(family, text, $0.baseAddress) }
        return status == 1 ? octets : nil
    }
}

extension IPAddress {
    /// Reads an address as proxies write it (RFC 7239 §6): IPv4 or IPv6, IPv6 with or without brackets and zone, each with
    /// or without a port. An IPv6 address without brackets has a port only after dotted decimal, which ends an address
    /// (RFC 4291 §2.2): everywhere else a port would be read as its last group.
    package init?(node text: String) {
        let node = text.utf8.drop { $0 == 0x20 || $0 == 0x09 }
        guard let last = node.lastIndex(where: { $0 != 0x20 && $0 != 0x09 }) else { return nil }
        let octets = Array(node[...last])
        if octets.first == UInt8(ascii: "[") {
            guard let end = octets.firstIndex(of: UInt8(ascii: "]")), Self.isPort(octets[(end + 1)...]),
                octets[..<end].contains(UInt8(ascii: ":"))
            else { return nil }
            self.init(withZone: octets[1..<end])
        } else if let dot = octets.firstIndex(of: UInt8(ascii: ".")),
            let colon = octets[dot...].firstIndex(of: UInt8(ascii: ":"))
        {
            guard Self.isPort(octets[colon...]) else { return nil }
            self.init(withZone: octets[..<colon])
        } else {
            self.init(withZone: octets[...])
        }
    }

    /// A zone (RFC 4007 §11) names an interface of the machine that wrote it, and means nothing elsewhere.
    private init?(withZone octets: ArraySlice<UInt8>) {
        guard let percent = octets.firstIndex(of: UInt8(ascii: "%")) else {
            self.init(String(decoding: octets, as: UTF8.self))
            return
        }
        guard percent + 1 < octets.endIndex, octets[..<percent].contains(UInt8(ascii: ":")) else {
            return nil
        }
        self.init(String(decoding: octets[..<percent], as: UTF8.self))
    }

    /// Nothing, or a colon and a port: a number, or an obfuscated one (`_gazonk`).
    private static func isPort(_ octets: ArraySlice<UInt8>) -> Bool {
        guard let colon = octets.first else { return true }
        let port = octets.dropFirst()
        guard colon == UInt8(ascii: ":"), let first = port.first else { return false }
        if first == UInt8(ascii: "_") {
            return port.count > 1
                && port.allSatisfy {
                    (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                        || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
                }
        }
        return port.count <= 5 && port.allSatisfy { (0x30...0x39).contains($0) }
            && Int(String(decoding: port, as: UTF8.self)).map { $0 <= 65_535 } ?? false
    }
}

extension IPAddress: CustomStringConvertible {
    /// RFC 5952 §4: lower case, without leading zeros, the longest run of zero groups as `::`.
    package var description: String {
        switch self {
        case .v4(let octets): return Self.dottedDecimal(octets.span)
        case .v6(let octets):
            let groups = stride(from: 0, to: 16, by: 2).map {
                UInt16(octets[$0]) << 8 | UInt16(octets[$0 + 1])
            }
            let run = Self.longestRunOfZeros(groups)
            func text(_ groups: ArraySlice<UInt16>) -> String {
                groups.map { String($0, radix: 16) }.joined(separator: ":")
            }
            // One zero group alone is written as it is (§4.2.2).
            guard run.count > 1 else { return text(groups[...]) }
            return "\(text(groups[..<run.lowerBound]))::\(text(groups[run.upperBound...]))"
        }
    }

    private static func dottedDecimal(_ octets: Span<UInt8>) -> String {
        unsafe String(unsafeUninitializedCapacity: octets.count * 4) { text in
            var count = 0
            for index in octets.indices {
                let octet = octets[index]
                if index > 0 {
                    unsafe text[count] = UInt8(ascii: ".")
                    count += 1
                }
                if octet >= 100 {
                    unsafe text[count] = UInt8(ascii: "0") + octet / 100
                    count += 1
                }
                if octet >= 10 {
                    unsafe text[count] = UInt8(ascii: "0") + octet / 10 % 10
                    count += 1
                }
                unsafe text[count] = UInt8(ascii: "0") + octet % 10
                count += 1
            }
            return count
        }
    }

    /// The first of the longest, if there are several.
    private static func longestRunOfZeros(_ groups: [UInt16]) -> Range<Int> {
        var longest = 0..<0
        var start = 0
        for (index, group) in groups.enumerated() {
            if group != 0 {
                start = index + 1
            } else if index + 1 - start > longest.count {
                longest = start..<index + 1
            }
        }
        return longest
    }
}
