package import StateTokens

/// Seals credentials for the row that holds them, and opens them there.
package struct CredentialSealer: Sendable {
    private let sealer: Sealer

    /// - Parameter sealer: the connections keyring, ready to seal and open.
    package init(_ sealer: Sealer) { self.sealer = sealer }

    package func seal(
        _ credentials: Credentials, at location: CredentialLocation, now: Timestamp
    ) throws(SealError) -> SealedCredentials {
        let context = location.context(deploymentID: sealer.deploymentID)
        let octets = try sealer.seal(
            credentials.encoded.span, as: .connection, context: context.span, at: now)
        guard let keyID = Self.keyID(of: octets) else { throw .unavailable }
        return SealedCredentials(octets: octets, keyID: keyID)
    }

    package func open(
        _ sealed: SealedCredentials, at location: CredentialLocation
    ) throws(CredentialError) -> Credentials {
        let context = location.context(deploymentID: sealer.deploymentID)
        let octets: [UInt8]
        do {
            octets = try sealer.open(sealed.octets.span, as: .connection, context: context.span)
        } catch {
            throw .unopened(error)
        }
        return try Credentials(encoded: octets)
    }

    /// The key id follows the version octet of the sealed layout.
    private static func keyID(of octets: [UInt8]) -> KeyID? {
        var reader = OctetReader(octets)
        guard reader.octet() != nil, let rawValue = reader.integer(UInt32.self) else { return nil }
        return KeyID(rawValue: rawValue)
    }
}
