internal import Cryptography
internal import Encodings
internal import Integrations
internal import JSONWebTokens
internal import StateTokens

/// Why a client cannot authenticate, so that its request cannot be made.
package enum ClientAuthenticationError: Error, Equatable {
    /// libcrypto could not sign the client's secret.
    case unsigned
}

extension ConfiguredIntegration {
    /// What the client authenticates with at this moment.
    func secret(at now: Timestamp) throws(ClientAuthenticationError) -> String {
        guard let rules = integration.token.signedClientSecret, let clientKey else {
            return clientSecret?.exposed ?? ""
        }
        return try rules.secret(of: clientID, clientKey, at: now)
    }
}

extension SignedClientSecret {
    /// A JWS in its compact form (RFC 7515 §7.1).
    fileprivate func secret(
        of clientID: String, _ key: ClientKey, at now: Timestamp
    ) throws(ClientAuthenticationError) -> String {
        let claims: [String: JSONValue] = [
            "iss": .string(key.issuer), "sub": .string(clientID), "aud": .string(audience),
            "iat": .number("\(now.secondsSinceEpoch)"),
            "exp": .number("\((now + lifetime).secondsSinceEpoch)"),
        ]
        do throws(CryptographyError) {
            return try JSONWebToken.text(claims, algorithm: .es256, keyID: key.id, key: key.key)
        } catch {
            throw .unsigned
        }
    }
}
