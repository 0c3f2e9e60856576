package import Cryptography
package import Encodings

extension JSONWebToken {
    /// The text of a signed token (RFC 7515 §7.1): what a client authenticates with (RFC 7523 §2.2).
    ///
    /// - Throws: ``CryptographyError/wrongAlgorithm`` if the key makes no signatures of this algorithm.
    package static func text(
        _ claims: [String: JSONValue], algorithm: SignatureAlgorithm, keyID: String?, key: SigningKey
    ) throws(CryptographyError) -> String {
        var header: [String: JSONValue] = ["alg": .string(algorithm.rawValue)]
        if let keyID { header["kid"] = .string(keyID) }
        let parts = [header, claims].map { Base64URL.encode(JSONValue.object($0).bytes.span) }
        let signed = parts.joined(separator: ".")
        let signature = try key.signature(of: signed.utf8.span, algorithm)
        return "\(signed).\(Base64URL.encode(signature.span))"
    }
}
