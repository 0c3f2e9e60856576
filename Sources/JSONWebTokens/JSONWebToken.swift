internal import Cryptography
internal import Encodings

/// A token in its parts (RFC 7515 §7.1): read, and not believed.
package struct JSONWebToken: Sendable {
    /// Longer than any that has a use in a header.
    package static let byteCountLimit = 16 * 1024

    /// What a sender could make a verifier fetch, trust or misread.
    private static let refusedHeaders = ["crit", "b64", "jku", "x5u", "jwk", "x5c"]

    package let algorithm: TokenAlgorithm
    package let keyID: String?
    package let claims: JSONWebTokenClaims
    private let signedOctets: [UInt8]
    private let signature: [UInt8]

    package init(_ text: String) throws(JSONWebTokenError) {
        guard text.utf8.count <= Self.byteCountLimit else { throw .malformed }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, let signature = Base64URL.decode(parts[2]) else { throw .malformed }
        let header = try Self.object(parts[0])
        for name in Self.refusedHeaders where header[name] != nil { throw .headerNotAllowed(name) }
        guard case .string(let name)? = header["alg"], let algorithm = TokenAlgorithm(name) else {
            throw .algorithmNotAllowed
        }
        switch header["kid"] {
        case nil: keyID = nil
        case .string(let text): keyID = text
        default: throw .malformed
        }
        self.algorithm = algorithm
        self.signature = signature
        claims = JSONWebTokenClaims(try Self.object(parts[1]))
        signedOctets = Array("\(parts[0]).\(parts[1])".utf8)
    }

    /// Checks that a key of the set that fits the header made the signature.
    func check(_ keys: JSONWebKeySet, _ algorithm: SignatureAlgorithm) throws(JSONWebTokenError) {
        let keys = keys.keys(keyID: keyID, algorithm)
        guard !keys.isEmpty else { throw .unknownKey(keyID) }
        do throws(CryptographyError) {
            for key in keys {
                if try key.isValid(signature.span, of: signedOctets.span, algorithm) { return }
            }
        } catch {
            // libcrypto could not verify it.
            throw .badSignature
        }
        throw .badSignature
    }

    /// Checks that the signature is an HMAC under this secret, whose key is its UTF-8 octets (OpenID Connect Core §10.1).
    package func check(secret: String) throws(JSONWebTokenError) {
        guard case .sharedKey(let algorithm) = algorithm, !secret.isEmpty else {
            throw .algorithmNotAllowed
        }
        let tag: [UInt8]
        do {
            tag = try algorithm.hashFunction.hmac(of: signedOctets.span, key: secret.utf8.span)
        } catch {
            throw .badSignature
        }
        guard constantTimeEqual(tag.span, signature.span) else { throw .badSignature }
    }

    /// The JSON object that a part holds.
    static func object(_ part: String) throws(JSONWebTokenError) -> [String: JSONValue] {
        guard let octets = Base64URL.decode(part) else { throw .malformed }
        do {
            guard case .object(let members) = try JSONValue.parse(octets) else {
                throw JSONWebTokenError.malformed
            }
            return members
        } catch {
            throw .malformed
        }
    }
}
