package import StateTokens

/// Why sealed credentials did not open.
package enum CredentialError: Error, Equatable {
    /// The octets are not sealed ones, or what was in them is not credentials.
    case malformed
    /// Authentic, but written by a version that is not ours.
    case unknownVersion(UInt8)
    /// No key of the keyring has this identifier.
    case unknownKey(KeyID)
    /// The key is disabled.
    case disabledKey(KeyID)
    /// The tag does not match: changed, or from another row, workspace, column or deployment.
    case forged
    /// libcrypto refused.
    case unavailable
}

extension CredentialError {
    init(_ error: OpenError) {
        self =
            switch error {
            case .malformed: .malformed
            case .unknownKey(let keyID): .unknownKey(keyID)
            case .disabledKey(let keyID): .disabledKey(keyID)
            case .forged: .forged
            case .unavailable: .unavailable
            }
    }
}
