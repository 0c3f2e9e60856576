/// A signature algorithm with a public key, by its name in JOSE (RFC 7518 §3.1, RFC 8037 §3.1).
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

    /// The hash function that the message goes through; Ed25519 has SHA-512 inside.
    package var hashFunction: HashFunction {
        switch self {
        case .rs256, .ps256, .es256: .sha256
        case .rs384, .ps384, .es384: .sha384
        case .rs512, .ps512, .es512, .edDSA: .sha512
        }
    }

    /// What a key of this type can be used with. A curve has one algorithm; an RSA key has six.
    package static func algorithms(for type: KeyType) -> [SignatureAlgorithm] {
        switch type {
        case .rsa: [.rs256, .rs384, .rs512, .ps256, .ps384, .ps512]
        case .p256: [.es256]
        case .p384: [.es384]
        case .p521: [.es512]
        case .ed25519: [.edDSA]
        }
    }

    var isPSS: Bool {
        switch self {
        case .ps256, .ps384, .ps512: true
        case .rs256, .rs384, .rs512, .es256, .es384, .es512, .edDSA: false
        }
    }
}

/// What kind of key signs or verifies.
package enum KeyType: Sendable, Hashable {
    /// RSA of 2,048 bits or more.
    case rsa
    case p256
    case p384
    case p521
    case ed25519

    /// The length of a coordinate (RFC 7518 §6.2.1.2), and of each number of a signature (§3.4).
    package var coordinateByteCount: Int? {
        switch self {
        case .rsa, .ed25519: nil
        case .p256: 32
        case .p384: 48
        case .p521: 66
        }
    }
}
