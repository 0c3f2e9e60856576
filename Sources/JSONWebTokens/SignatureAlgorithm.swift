/// The algorithms (RFC 7518 §3.1, RFC 8037) with a public key.
///
/// Key sets and rules for credentials know no others, so a public key cannot pass for a shared one.
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

/// HMAC with a key that issuer and client share (RFC 7518 §3.2): an ID token's signature under the client's secret.
package enum SharedKeyAlgorithm: String, Sendable, CaseIterable {
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"
}

/// What a token's header names. There is no `none`.
package enum TokenAlgorithm: Sendable, Hashable {
    case signature(SignatureAlgorithm)
    case sharedKey(SharedKeyAlgorithm)

    init?(_ name: String) {
        if let algorithm = SignatureAlgorithm(rawValue: name) {
            self = .signature(algorithm)
        } else if let algorithm = SharedKeyAlgorithm(rawValue: name) {
            self = .sharedKey(algorithm)
        } else {
            return nil
        }
    }
}
