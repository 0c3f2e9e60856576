internal import Encodings
internal import FoundationEssentials
internal import Integrations
internal import JWTKit
internal import StateTokens

/// A token in its parts (RFC 7515 §7.1): read, and not believed.
package struct JSONWebToken: Sendable {
    /// Longer than any that has a use in a header.
    package static let byteCountLimit = 16 * 1024

    /// What a sender could make a verifier fetch, trust or misread.
    private static let refusedHeaders = ["crit", "b64", "jku", "x5u", "jwk", "x5c"]

    package let algorithm: SignatureAlgorithm
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
        guard case .string(let name)? = header["alg"], let algorithm = SignatureAlgorithm(rawValue: name)
        else {
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

    /// Whether the key that the set has for it made the signature.
    func check(_ keys: JSONWebKeySet) throws(JSONWebTokenError) {
        guard let verifier = keys.verifier(keyID: keyID, algorithm) else { throw .unknownKey(keyID) }
        do {
            guard try verifier.verify(signature, signs: signedOctets) else {
                throw JSONWebTokenError.badSignature
            }
        } catch {
            // A signature of a length that no key makes is one more that does not hold.
            throw .badSignature
        }
    }

    private static func object(_ part: String) throws(JSONWebTokenError) -> [String: JSONValue] {
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
