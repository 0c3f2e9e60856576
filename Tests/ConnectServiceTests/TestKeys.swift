import StateTokens

/// Keys and rings for tests.
enum TestKeys {
    static let start = Timestamp(secondsSinceEpoch: 1_767_225_600)

    static func key(_ id: UInt32, status: Key.Status = .enabled) throws -> Key {
        let octets = (0..<64).map { UInt8(truncatingIfNeeded: $0 * 7 + Int(id) * 31 + 5) }
        return Key(
            id: KeyID(rawValue: id), material: try KeyMaterial(octets: octets.span), created: start,
            activates: start, status: status)
    }

    static func ring(_ keys: [Key], purpose: Keyring.Purpose = .state) throws -> Keyring {
        try Keyring(purpose: purpose, deploymentID: "d_test", keys: keys)
    }
}
