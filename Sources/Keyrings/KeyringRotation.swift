public import StateTokens

/// A ring with the key that takes over next, and when what happens.
public struct KeyringRotation: Sendable, Equatable {
    /// The ring, to be written.
    public let keyring: Keyring
    /// The key that takes over.
    public let keyID: KeyID
    /// Whether the key was made now. If not, one that was on its way already was found: a rotation that is asked for
    /// twice, or again after it was killed, makes no second key.
    public let isNew: Bool
    /// The key that sealed before, if any did.
    public let supersededKeyID: KeyID?

    init(_ keyring: Keyring, keyID: KeyID, isNew: Bool, supersededKeyID: KeyID?) {
        self.keyring = keyring
        self.keyID = keyID
        self.isNew = isNew
        self.supersededKeyID = supersededKeyID == keyID ? nil : supersededKeyID
    }

    /// The same rotation in a later ring, such as that of its second write.
    public func with(_ keyring: Keyring) -> KeyringRotation {
        KeyringRotation(keyring, keyID: keyID, isNew: isNew, supersededKeyID: supersededKeyID)
    }

    /// When the key came into the ring.
    public var published: Timestamp? { keyring[keyID]?.created }

    /// From when on every replica holds the key.
    public var reachesAllReplicas: Timestamp? { published.map { $0 + keyring.propagation } }

    /// From when on it seals; `nil` as long as it is not scheduled.
    public var seals: Timestamp? { keyring[keyID]?.activates }

    /// From when on the key that sealed before may go; `nil` if the clock does not say, as with connection keys.
    public var supersededKeyMayGo: Timestamp? {
        supersededKeyID.flatMap { keyring[$0] }.flatMap { keyring.prunable($0) }
    }
}
