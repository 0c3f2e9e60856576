internal import Synchronization

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
