package import Cryptography
import Encodings

/// Names one revocation of many grants: `rev_` and the base64url text of 16 octets; opaque to clients.
package struct RevocationID: Sendable, Hashable {
    private static let prefix = "rev_"
    private static let octetCount = 16

    private let octets: [UInt8]

    /// The id that `description` wrote; `nil` for any other text.
    package init?(_ text: String) {
        guard text.utf8.starts(with: Self.prefix.utf8),
            let octets = Base64URL.decode(String(text.unicodeScalars.dropFirst(Self.prefix.utf8.count))),
            octets.count == Self.octetCount
        else { return nil }
        self.octets = octets
    }

    /// The id of what a request with this Idempotency-Key begins: the same for each time that the key comes.
    ///
    /// The first 16 octets of SHA-256 over a label, the workspace and the key.
    /// - Parameter workspaceID: `nil` where the revocation is over all workspaces.
    package init(idempotencyKey: String, workspaceID: String?) {
        var writer = OctetWriter()
        writer.append(text: "symbolon/revocation/1")
        writer.append(UInt8(workspaceID == nil ? 0 : 1))
        writer.append(text: workspaceID ?? "")
        writer.append(text: idempotencyKey)
        octets = Array(SHA256.digest(writer.octets.span).prefix(Self.octetCount))
    }

    private init(random octets: [UInt8]) { self.octets = octets }

    package static func random() throws(CryptographyError) -> RevocationID {
        RevocationID(random: try RandomBytes.make(count: octetCount))
    }
}

extension RevocationID: CustomStringConvertible {
    package var description: String { Self.prefix + Base64URL.encode(octets.span) }
}
