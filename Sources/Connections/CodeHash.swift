/// A keyed hash of an authorization code, 32 octets.
///
/// The store tells one code from another and can't give any of them away.
package struct CodeHash: Sendable, Hashable {
    package static let octetCount = 32

    package let octets: [UInt8]

    package init?(octets: [UInt8]) {
        guard octets.count == Self.octetCount else { return nil }
        self.octets = octets
    }
}
