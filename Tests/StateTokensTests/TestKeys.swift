import StateTokens

/// Keys and rings for tests.
enum TestKeys {
    static let start = Timestamp(secondsSinceEpoch: 1_767_225_600)

    static func material(_ seed: UInt8) throws -> KeyMaterial {
        let octets = (0..<64).map { UInt8(truncatingIfNeeded: $0 * 7 + Int(seed) * 31 + 5) }
        return try KeyMaterial(octets: octets.span)
    }

    static func key(
        _ id: UInt32, activates: Timestamp? = start, status: Key.Status = .enabled
    ) throws -> Key {
        Key(
            id: KeyID(rawValue: id), material: try material(UInt8(truncatingIfNeeded: id)), created: start,
            activates: activates, status: status)
    }

    static func ring(_ keys: [Key], purpose: Keyring.Purpose = .state) throws -> Keyring {
        try Keyring(purpose: purpose, deploymentID: "d_test", keys: keys)
    }

    static func codec(
        _ keys: [Key], audience: String = "https://connect.example.com"
    ) throws -> StateTokenCodec {
        guard let audience = Audience(publicURL: audience) else { throw KeyringError.noKeys }
        return StateTokenCodec(sealer: Sealer(KeyringReference(try ring(keys))), audience: audience)
    }

    static func tickets(
        _ keys: [Key], audience: String = "https://connect.example.com"
    ) throws -> TicketCodec {
        guard let audience = Audience(publicURL: audience) else { throw KeyringError.noKeys }
        return TicketCodec(sealer: Sealer(KeyringReference(try ring(keys))), audience: audience)
    }
}
