internal import Cryptography
internal import Encodings
public import StateTokens

extension Keyring {
    /// A SHA-256 over the parsed content, in 64 hexadecimal digits: the same for every formatting of the same ring, so
    /// that replicas can be compared. It tells nothing about the keys, whose material is random.
    public var digest: String {
        var octets: [UInt8] = []
        func add(_ text: String) {
            octets += Array("\(text.utf8.count):".utf8)
            octets += Array(text.utf8)
        }
        add(purpose.rawValue)
        add(deploymentID)
        for duration in [maximumLifetime, propagation, skew] { add(String(duration.components.seconds)) }
        // A ring that does not record it has the same digest as one that records the default.
        if sessionLifetime != Self.defaultSessionLifetime {
            add("session_lifetime")
            add(String(sessionLifetime.components.seconds))
        }
        for key in keys {
            add(key.id.description)
            key.material.withOctets { material in
                let digest = SHA256.digest(material)
                octets += digest
            }
            add(key.created.rfc3339)
            add(key.activates?.rfc3339 ?? "")
            add(key.status.rawValue)
        }
        return Hexadecimal.encode(SHA256.digest(octets.span).span)
    }
}
