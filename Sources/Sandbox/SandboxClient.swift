internal import Cryptography
internal import Encodings
internal import Integrations
internal import StateTokens

/// The one client that the sandbox knows: the service itself.
struct SandboxClient: Sendable {
    let id: String
    let redirectURI: String
    private let secret: SecretBytes

    init(id: String, secret: String, redirectURI: String) {
        self.id = id
        self.redirectURI = redirectURI
        self.secret = SecretBytes(secret.utf8.span)
    }

    /// Authenticates a request by `client_secret_basic` or `client_secret_post` (RFC 6749 §2.3.1).
    func authenticate(_ parameters: SandboxParameters, authorization: String?) throws(SandboxTokenError) {
        if let authorization {
            guard parameters["client_secret"] == nil else {
                throw .invalidRequest("the client authenticates in two ways at once")
            }
            guard let (id, secret) = Self.basic(authorization), matches(id, secret) else {
                throw .invalidClient
            }
            guard parameters["client_id"] ?? id == id else {
                throw .invalidRequest("`client_id` is not the client that authenticates")
            }
        } else {
            guard let id = parameters["client_id"], let secret = parameters["client_secret"],
                matches(id, secret)
            else { throw .invalidClient }
        }
    }

    private func matches(_ id: String, _ secret: String) -> Bool {
        SecretBytes(secret.utf8.span) == self.secret && id == self.id
    }

    /// The two are form-encoded before they are joined; the alphabet is base64's with padding (RFC 7617 §2).
    private static func basic(_ header: String) -> (id: String, secret: String)? {
        let octets = Array(header.utf8)
        let scheme = Array("basic ".utf8)
        guard octets.count > scheme.count, octets.prefix(scheme.count).map({ $0 | 0x20 }) == scheme else {
            return nil
        }
        let text = octets.dropFirst(scheme.count).drop { $0 == .space }
        guard text.count.isMultiple(of: 4), !text.contains(where: { "-_".utf8.contains($0) }) else {
            return nil
        }
        let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        let unpadded = text.dropLast(padding).map { octet in
            switch octet {
            case .plus: UInt8.minus
            case UInt8(ascii: "/"): UInt8(ascii: "_")
            default: octet
            }
        }
        guard padding <= 2, let pair = Base64URL.decode(String(decoding: unpadded, as: UTF8.self)),
            let colon = pair.firstIndex(of: .colon), let id = PercentEncoding.decodeForm(pair[..<colon]),
            let secret = PercentEncoding.decodeForm(pair[(colon + 1)...])
        else { return nil }
        return (id, secret)
    }
}
