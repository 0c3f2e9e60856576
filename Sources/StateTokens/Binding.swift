internal import Cryptography
internal import Encodings

/// What ties a flow to the app's own session in confirm mode: the SHA-256 of a secret that only the app's server has.
public struct Binding: Sendable, Hashable {
    let storage: Octets<32>

    /// Reads 43 characters of base64url, which is how an initiate request gives it; anything else is `nil`.
    public init?(_ text: String) {
        guard let octets = Base64URL.decode(text), let storage = Octets<32>(octets.span) else { return nil }
        self.storage = storage
    }

    /// - Returns: `nil` unless there are 32 octets.
    public init?(octets: [UInt8]) {
        guard let storage = Octets<32>(octets.span) else { return nil }
        self.storage = storage
    }

    /// The binding of a secret: what the app sends when it initiates a flow, while it keeps the secret in its user's
    /// session.
    ///
    /// - Parameter secret: a text with at least 128 random bits.
    public init(secret: String) {
        let digest = SHA256.digest(secret.utf8.span)
        storage = Octets(digest.span, from: 0)
    }

    init(storage: Octets<32>) { self.storage = storage }

    /// The 32 octets.
    public var octets: [UInt8] { storage.array }

    /// 43 characters of base64url, as an initiate request has it.
    public var text: String { storage.base64URL }
}
