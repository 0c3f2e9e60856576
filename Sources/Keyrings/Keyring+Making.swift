internal import Cryptography
internal import Encodings
public import StateTokens

extension Keyring {
    /// A new keyring with one key, which seals at once.
    ///
    /// - Throws: ``KeyringError/unavailable`` if libcrypto has no random bytes; ``KeyringError/invalidDuration``.
    public static func make(
        purpose: Purpose, maximumLifetime: Duration = .seconds(600),
        sessionLifetime: Duration = defaultSessionLifetime, propagation: Duration = .seconds(600),
        skew: Duration = .seconds(60), at now: Timestamp = .now()
    ) throws(KeyringError) -> Keyring {
        let key = try Key.make(created: now, activates: now)
        return try Keyring(
            purpose: purpose, deploymentID: makeDeploymentID(), maximumLifetime: maximumLifetime,
            sessionLifetime: sessionLifetime, propagation: propagation, skew: skew, keys: [key])
    }

    /// A name for a new deployment.
    static func makeDeploymentID() throws(KeyringError) -> String {
        do {
            let octets = try RandomBytes.make(count: 12)
            return "d_\(Base64URL.encode(octets.span))"
        } catch {
            throw .unavailable
        }
    }
}

extension Key {
    /// A new key with a random id, none of `taken`.
    public static func make(
        created: Timestamp, activates: Timestamp?, avoiding taken: Set<KeyID> = []
    ) throws(KeyringError) -> Key {
        while true {
            let octets: [UInt8]
            do {
                octets = try RandomBytes.make(count: 4)
            } catch {
                throw .unavailable
            }
            let id = KeyID(rawValue: octets.reduce(0) { $0 << 8 | UInt32($1) })
            guard id.rawValue != 0, !taken.contains(id) else { continue }
            return Key(id: id, material: try .random(), created: created, activates: activates)
        }
    }
}
