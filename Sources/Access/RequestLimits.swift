package import Encodings
package import StateTokens

/// How often callers may come. What is `nil` has no limit.
package struct RequestLimits: Sendable {
    private let perCredential: TokenBuckets<String>?
    private let perAddress: TokenBuckets<AddressBlock>?
    private let failuresPerAddress: TokenBuckets<AddressBlock>?
    /// A flow that a person finishes has a few lines.
    private let linesPerFlow = TokenBuckets<FlowID>(rate: 1 / 60, size: 20)

    /// - Parameters:
    ///   - perCredential: requests a second.
    ///   - perAddress: requests a second, of all kinds.
    ///   - failuresPerAddress: requests a minute whose credential is not valid.
    package init(perCredential: Int? = nil, perAddress: Int? = nil, failuresPerAddress: Int? = nil) {
        self.perCredential = perCredential.map { TokenBuckets(rate: Double($0), size: Double($0)) }
        self.perAddress = perAddress.map { TokenBuckets(rate: Double($0), size: Double($0)) }
        self.failuresPerAddress = failuresPerAddress.map {
            TokenBuckets(rate: Double($0) / 60, size: Double($0))
        }
    }

    /// Whether requests are counted by their address.
    package var countsAddresses: Bool { perAddress != nil }

    /// How long a credential must wait; `nil`: it need not.
    package func wait(forCredential id: String) -> Duration? { perCredential?.take(id) }

    package func wait(for address: IPAddress?) -> Duration? {
        address.flatMap { perAddress?.take(AddressBlock($0)) }
    }

    /// A valid credential passes even after failures from its address: otherwise anybody behind the same proxy could
    /// lock it out.
    package func wait(afterFailureFrom address: IPAddress?) -> Duration? {
        address.flatMap { failuresPerAddress?.take(AddressBlock($0)) }
    }
}

extension RequestLimits {
    /// Whether the audit log takes a line about a callback of this flow, or only counts it.
    ///
    /// States lie in histories and logs, and a person who has one can send its callback any number of times.
    package func allowsLine(about flow: FlowID?) -> Bool {
        flow.map { linesPerFlow.take($0) == nil } ?? true
    }
}

/// What one customer of a network has: an IPv4 address, or an IPv6 /64.
package struct AddressBlock: Sendable, Hashable {
    private let network: UInt64
    private let isIPv4: Bool

    package init(_ address: IPAddress) {
        switch address {
        case .v4(let octets):
            network = octets.indices.reduce(0) { $0 << 8 | UInt64(octets[$1]) }
            isIPv4 = true
        case .v6(let octets):
            network = (0..<8).reduce(0) { $0 << 8 | UInt64(octets[$1]) }
            isIPv4 = false
        }
    }
}
