/// A key with its schedule. The clock does the switching: see ``Keyring/sealingKey(at:)``.
public struct Key: Sendable, Equatable {
    /// What a key may still be used for.
    public enum Status: String, Sendable {
        /// Opens, and seals when its time has come.
        case enabled
        /// Opens, never seals.
        case retired
        /// Does neither: to be used when the key may be known to others.
        case disabled
    }

    public let id: KeyID
    public let material: KeyMaterial
    public let created: Timestamp
    /// From when on it seals; `nil` as long as it is only published.
    public let activates: Timestamp?
    public let status: Status

    public init(
        id: KeyID, material: KeyMaterial, created: Timestamp, activates: Timestamp?, status: Status = .enabled
    ) {
        self.id = id
        self.material = material
        self.created = created
        self.activates = activates
        self.status = status
    }
}
