internal import Cryptography
internal import Encodings
internal import Integrations
internal import JSONWebTokens
internal import StateTokens

extension ClientAssertion {
    /// RFC 7523 §8.1.
    static let type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

    /// A JWT that the client signs for one request (RFC 7523 §3). Its identifier is fresh, so that a server that remembers
    /// them can reject a copy.
    func text(
        of clientID: String, _ key: ClientKey, endpoints: Endpoints, at now: Timestamp
    ) throws(ClientAuthenticationError) -> String {
        let recipient: String
        switch audience {
        case .issuer:
            guard let issuer = endpoints.issuer else { throw .unsigned }
            recipient = issuer
        case .tokenEndpoint: recipient = endpoints.token
        case .fixed(let text): recipient = text
        }
        do throws(CryptographyError) {
            let identifier = try RandomBytes.make(count: 16)
            let claims: [String: JSONValue] = [
                "iss": .string(clientID), "sub": .string(clientID), "aud": .string(recipient),
                "jti": .string(Base64URL.encode(identifier.span)),
                "iat": .number("\(now.secondsSinceEpoch)"),
                "exp": .number("\((now + lifetime).secondsSinceEpoch)"),
            ]
            return try JSONWebToken.text(
                claims, algorithm: algorithm, keyID: key.id.isEmpty ? nil : key.id, key: key.key)
        } catch {
            throw .unsigned
        }
    }
}
