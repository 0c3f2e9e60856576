internal import Cryptography
internal import Encodings
internal import Integrations
internal import StateTokens

/// Why a token request cannot be made.
package enum TokenRequestError: Error, Equatable {
    /// libcrypto refused to sign the client's secret.
    case unsigned
}

extension ConfiguredIntegration {
    /// What the client authenticates with at this moment.
    func secret(at now: Timestamp) throws(TokenRequestError) -> String {
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
    ) throws(TokenRequestError) -> String {
        let header = JSONValue.object(["alg": .string("ES256"), "kid": .string(key.id)])
        let claims = JSONValue.object([
            "iss": .string(key.issuer), "sub": .string(clientID), "aud": .string(audience),
            "iat": .number("\(now.secondsSinceEpoch)"),
            "exp": .number("\((now + lifetime).secondsSinceEpoch)"),
        ])
        let signed = "\(Self.encoded(header.bytes)).\(Self.encoded(claims.bytes))"
        let octets = Array(signed.utf8)
        do throws(CryptographyError) {
            let signature = try key.key.signature(of: octets.span)
            return "\(signed).\(Self.encoded(signature))"
        } catch {
            throw .unsigned
        }
    }

    private static func encoded(_ octets: [UInt8]) -> String { Base64URL.encode(octets.span) }
}
