import Keyrings
import StateTokens

/// Rings of made-up keys, whose ids are small numbers.
enum Rings {
    static let now = Timestamp(secondsSinceEpoch: 1_767_225_600)

    static func key(
        _ number: UInt32, activates: Int64? = -10_000, created: Int64 = -20_000, status: Key.Status = .enabled
    ) throws -> Key {
        Key(
            id: id(number), material: try .random(), created: now + .seconds(created),
            activates: activates.map { now + .seconds($0) }, status: status)
    }

    static func id(_ number: UInt32) -> KeyID { KeyID(rawValue: number) }

    static func ring(_ keys: Key..., purpose: Keyring.Purpose = .state) throws -> Keyring {
        try Keyring(purpose: purpose, deploymentID: "d_test", keys: keys)
    }
}
