package import Cryptography
internal import Encodings

/// A secret that signs messages (Standard Webhooks): `whsec_` and the base64 of 24 to 64 octets.
package struct WebhookSecret: Sendable, Equatable {
    private let octets: SecretBytes

    package init?(_ text: String) {
        let prefix = "whsec_"
        guard text.utf8.starts(with: prefix.utf8),
            let octets = Base64.decode(String(text.unicodeScalars.dropFirst(prefix.utf8.count))),
            (24...64).contains(octets.count)
        else { return nil }
        self.octets = SecretBytes(octets.span)
    }

    /// The secrets of a file, one on a line: two while one takes over from the other.
    ///
    /// - Returns: `nil` if there are none, more than two, or one that is none.
    package static func list(_ text: String) -> [WebhookSecret]? {
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.allSatisfy(\.isWhitespace) }
        guard (1...2).contains(lines.count) else { return nil }
        var secrets: [WebhookSecret] = []
        for line in lines {
            guard let secret = WebhookSecret(String(line.filter { !$0.isWhitespace })) else { return nil }
            secrets.append(secret)
        }
        return secrets
    }

    /// `v1,` and the base64 of HMAC-SHA-256 over `id.timestamp.body`.
    package func signature(id: String, timestamp: Int64, body: String) throws(CryptographyError) -> String {
        let message = Array("\(id).\(timestamp).\(body)".utf8)
        let tag = try octets.withSpan { key throws(CryptographyError) -> [UInt8] in
            let mac = try HMACSHA256(key: key)
            try mac.start()
            try mac.update(message.span)
            return try [UInt8](capacity: HMACSHA256.tagByteCount) { output throws(CryptographyError) in
                try mac.finish(into: &output)
            }
        }
        return "v1," + Base64.encode(tag.span)
    }
}
