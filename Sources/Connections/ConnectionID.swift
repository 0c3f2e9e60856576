package import Cryptography
import Encodings
import StateTokens

/// Names one connection: `conn_` and the base64url text of 16 random octets; opaque to clients.
///
/// It is made before the row is, because the credentials are sealed under it.
package struct ConnectionID: Sendable, Hashable {
    private static let prefix = "conn_"
    private static let octetCount = 16

    let octets: [UInt8]

    init?(octets: [UInt8]) {
        guard octets.count == Self.octetCount else { return nil }
        self.octets = octets
    }

    /// The id that `description` wrote; `nil` for any other text.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix),
            let octets = Base64URL.decode(String(text.unicodeScalars.dropFirst(Self.prefix.utf8.count)))
        else { return nil }
        self.init(octets: octets)
    }

    /// The id of what a request with this Idempotency-Key makes: the same for each time that the key comes.
    ///
    /// The first 16 octets of SHA-256 over a label, the workspace and the key.
    package init(idempotencyKey: String, workspaceID: String) {
        var writer = OctetWriter()
        writer.append(text: "symbolon/idempotency/1")
        writer.append(text: workspaceID)
        writer.append(text: idempotencyKey)
        octets = Array(SHA256.digest(writer.octets.span).prefix(Self.octetCount))
    }

    private init(random octets: [UInt8]) { self.octets = octets }

    package static func random() throws(CryptographyError) -> ConnectionID {
        ConnectionID(random: try RandomBytes.make(count: octetCount))
    }
}

extension ConnectionID: CustomStringConvertible {
    package var description: String { Self.prefix + Base64URL.encode(octets.span) }
}
