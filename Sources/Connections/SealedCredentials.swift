package import StateTokens

/// Credentials as a row holds them: sealed octets, and the key that opens them.
package struct SealedCredentials: Sendable, Hashable {
    package let octets: [UInt8]
    package let keyID: KeyID

    package init(octets: [UInt8], keyID: KeyID) {
        self.octets = octets
        self.keyID = keyID
    }
}

extension SealedCredentials: CustomStringConvertible {
    package var description: String { "SealedCredentials(\(octets.count) octets, key \(keyID))" }
}
