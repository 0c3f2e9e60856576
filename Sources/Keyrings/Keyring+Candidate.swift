package import StateTokens

extension Keyring {
    /// Checks all that this ring must fulfil to take the place of the one in force.
    ///
    /// - Parameter lifetime: what the service gives its states.
    package func check(
        replacing current: Keyring, lifetime: Duration
    ) throws(KeyringReloadError) {
        guard purpose == current.purpose else {
            throw .file(.wrongPurpose(expected: current.purpose, found: purpose))
        }
        guard deploymentID == current.deploymentID else {
            throw .otherDeployment(expected: current.deploymentID, found: deploymentID)
        }
        guard lifetime <= maximumLifetime else {
            throw .lifetimeTooShort(needed: lifetime, found: maximumLifetime)
        }
        for key in keys {
            if let before = current[key.id], before.material != key.material { throw .otherMaterial(key.id) }
            guard key.status == .disabled || key.sealsAndOpens() else { throw .unusableKey(key.id) }
        }
    }
}
