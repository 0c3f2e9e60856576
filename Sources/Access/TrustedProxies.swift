package import Encodings

/// The proxies before the service, which say where a request comes from.
package struct TrustedProxies: Sendable, Equatable {
    private let ranges: [AddressRange]

    /// - Parameter ranges: the operator's own proxies. Only what they say about others is believed.
    package init(_ ranges: [AddressRange] = []) { self.ranges = ranges }

    package var isEmpty: Bool { ranges.isEmpty }

    package func contains(_ address: IPAddress) -> Bool { ranges.contains { $0.contains(address) } }

    /// The last address that no trusted proxy has: further left a client writes what it likes.
    ///
    /// - Parameter forwardedFor: the values of `X-Forwarded-For`, in their order.
    package func client(of peer: IPAddress, forwardedFor: [String]) -> IPAddress {
        var client = peer
        for text in forwardedFor.joined(separator: ",").split(separator: ",").reversed() {
            guard ranges.contains(where: { $0.contains(client) }) else { break }
            let trimmed = text.filter { $0 != " " && $0 != "\t" }
            guard let next = IPAddress(trimmed) else { break }
            client = next
        }
        return client
    }
}
