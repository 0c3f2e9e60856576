import StateTokens

/// SampleRings of one deployment, with the keys that a test names.
enum SampleRings {
    static let start = Timestamp(secondsSinceEpoch: 1_767_225_600)

    /// The material follows from the id, so that one id is one key in every ring.
    static func key(_ id: UInt32, status: Key.Status = .enabled, seed: UInt32? = nil) throws -> Key {
        var value = UInt64(seed ?? id) &* 0x9e37_79b9_7f4a_7c15 | 1
        let octets = (0..<64).map { _ in
            value ^= value << 13
            value ^= value >> 7
            value ^= value << 17
            return UInt8(truncatingIfNeeded: value >> 24)
        }
        return Key(
            id: KeyID(rawValue: id), material: try KeyMaterial(octets: octets.span), created: start,
            activates: start, status: status)
    }

    static func ring(
        _ ids: UInt32..., disabled: Set<UInt32> = [], purpose: Keyring.Purpose = .state,
        deploymentID: String = "d_test", maximumLifetime: Duration = .seconds(600)
    ) throws -> Keyring {
        try Keyring(
            purpose: purpose, deploymentID: deploymentID, maximumLifetime: maximumLifetime,
            keys: ids.map { try key($0, status: disabled.contains($0) ? .disabled : .enabled) })
    }
}
