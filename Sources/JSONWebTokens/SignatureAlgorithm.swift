/// The algorithms (RFC 7518 §3.1, RFC 8037) that tokens may be signed with: those with a public key, and no others. So no
/// public key can pass for a shared one, and `none` is no word that anybody reads.
package enum SignatureAlgorithm: String, Sendable, CaseIterable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"
    case ps256 = "PS256"
    case ps384 = "PS384"
    case ps512 = "PS512"
    case es256 = "ES256"
    case es384 = "ES384"
    case es512 = "ES512"
    case edDSA = "EdDSA"

    /// Those that a key of this type can be used with.
    static func candidates(keyType: String, curve: String?) -> [SignatureAlgorithm] {
        switch (keyType, curve) {
        case ("RSA", _): [.rs256, .rs384, .rs512, .ps256, .ps384, .ps512]
        case ("EC", "P-256"): [.es256]
        case ("EC", "P-384"): [.es384]
        case ("EC", "P-521"): [.es512]
        case ("OKP", "Ed25519"): [.edDSA]
        default: []
        }
    }
}
