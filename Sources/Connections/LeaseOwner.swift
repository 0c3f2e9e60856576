package import Cryptography

/// Who holds a lease: 16 random octets, new for each attempt, so that a late owner is never taken for its
/// successor.
package struct LeaseOwner: Sendable, Hashable {
    private static let octetCount = 16

    package let octets: [UInt8]

    package init?(octets: [UInt8]) {
        guard octets.count == Self.octetCount else { return nil }
        self.octets = octets
    }

    /// Stands where a lease was given back: no random owner is all zeros.
    static let vacant = LeaseOwner(random: [UInt8](repeating: 0, count: octetCount))

    private init(random octets: [UInt8]) { self.octets = octets }

    package static func random() throws(CryptographyError) -> LeaseOwner {
        LeaseOwner(random: try RandomBytes.make(count: octetCount))
    }
}
