internal import Synchronization

/// Keys with their schedule: immutable; a rotation makes another and replaces it whole.
public struct Keyring: Sendable, Equatable {
    /// What the keys seal. Rings of different purposes are never exchanged.
    public enum Purpose: String, Sendable {
        /// States and tickets, which live for minutes.
        case state
        /// Rows, which live until they are sealed again.
        case connections
    }

    /// How long connect sessions may live under a ring that does not say so.
    public static let defaultSessionLifetime: Duration = .seconds(1800)
    /// The longest that any ring allows.
    public static let longestSessionLifetime: Duration = .seconds(86_400)

    public let purpose: Purpose
    /// Names the deployment in the associated data of rows, so that one deployment's rows do not open in another.
    public let deploymentID: String
    /// The longest that a state sealed with these keys may live.
    public let maximumLifetime: Duration
    /// The longest that a connect session sealed with these keys may live. A ring that does not say so keeps its keys for
    /// sessions of 30 minutes.
    public let sessionLifetime: Duration
    /// How long a new ring may take to reach every replica.
    public let propagation: Duration
    /// The greatest difference between two replicas' clocks.
    public let skew: Duration
    /// All keys, in the order of their ids.
    public let keys: [Key]

    /// - Throws: ``KeyringError`` for no keys, doubled ids or material, or durations that make no sense. A ring whose keys
    ///   are all disabled is accepted, because a compromise may require it; it seals nothing.
    public init(
        purpose: Purpose, deploymentID: String, maximumLifetime: Duration = .seconds(600),
        sessionLifetime: Duration = defaultSessionLifetime, propagation: Duration = .seconds(600),
        skew: Duration = .seconds(60), keys: [Key]
    ) throws(KeyringError) {
        guard !keys.isEmpty else { throw .noKeys }
        guard maximumLifetime > .zero, sessionLifetime > .zero,
            sessionLifetime <= Self.longestSessionLifetime,
            propagation >= .zero, skew >= .zero
        else { throw .invalidDuration }
        let sorted = keys.sorted { $0.id < $1.id }
        for (index, key) in sorted.enumerated() {
            for other in sorted[..<index] {
                if other.id == key.id { throw .duplicateID(key.id) }
                if other.material == key.material { throw .duplicateMaterial(other.id, key.id) }
            }
        }
        self.purpose = purpose
        self.deploymentID = deploymentID
        self.maximumLifetime = maximumLifetime
        self.sessionLifetime = sessionLifetime
        self.propagation = propagation
        self.skew = skew
        self.keys = sorted
    }

    /// The key with this id, whatever its status.
    public subscript(id: KeyID) -> Key? { keys.first { $0.id == id } }
}

/// The keyring in force; rotation replaces it whole.
public final class KeyringReference: Sendable {
    private let keyring: Mutex<Keyring>
    private let replacements = Atomic<UInt64>(0)

    public init(_ keyring: Keyring) { self.keyring = Mutex(keyring) }

    public var current: Keyring { keyring.withLock { $0 } }

    public func replace(with next: Keyring) {
        keyring.withLock { keyring in
            keyring = next
            replacements.add(1, ordering: .releasing)
        }
    }

    /// Changes with every replacement. A reader compares it, without a lock, to see whether its copy of the ring is stale.
    var generation: UInt64 { replacements.load(ordering: .acquiring) }

    /// The ring with the generation that it belongs to.
    var snapshot: (keyring: Keyring, generation: UInt64) {
        keyring.withLock { ($0, replacements.load(ordering: .relaxed)) }
    }
}

/// Why keys do not make a keyring.
public enum KeyringError: Error, Equatable {
    /// Key material has 64 octets: 32 for AES-256, 32 for HMAC-SHA-256.
    case wrongMaterialLength(byteCount: Int)
    /// A keyring without a key can neither seal nor open.
    case noKeys
    /// Two keys have this id.
    case duplicateID(KeyID)
    /// These two keys share their material, so that the key id would not tell them apart.
    case duplicateMaterial(KeyID, KeyID)
    /// A lifetime, propagation or skew that is negative, a greatest lifetime of nothing, or sessions of more than a day.
    case invalidDuration
    /// libcrypto could not give random octets.
    case unavailable
}
