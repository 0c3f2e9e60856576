/// Why a token is not accepted.
package enum JSONWebTokenError: Error, Equatable {
    /// Not three parts of base64url with two JSON objects (RFC 7515 §7.1), or longer than any.
    case malformed
    /// The header names a key to fetch or to trust (`jku`, `x5u`, `jwk`, `x5c`), or an extension that must be understood (`crit`).
    case headerNotAllowed(String)
    /// `none`, an unknown algorithm, or one that the rules do not allow.
    case algorithmNotAllowed
    /// No key set could be read.
    case keysUnavailable
    /// The key set has no such key for this algorithm.
    case unknownKey(String?)
    case badSignature
    /// A claim that is needed, or that is of another type than RFC 7519 §4.1 has it.
    case claimMissing(String)
    case expired
    /// `nbf` or `iat` lies ahead.
    case notYetValid
    case wrongIssuer
    case wrongAudience

    /// Whether a newer key set may accept the token.
    package var asksForNewerKeys: Bool {
        switch self {
        case .keysUnavailable, .unknownKey, .badSignature: true
        case .malformed, .headerNotAllowed, .algorithmNotAllowed, .claimMissing, .expired, .notYetValid,
            .wrongIssuer, .wrongAudience:
            false
        }
    }

    /// The name for logs.
    package var name: String {
        switch self {
        case .malformed: "malformed"
        case .headerNotAllowed: "header_not_allowed"
        case .algorithmNotAllowed: "algorithm_not_allowed"
        case .keysUnavailable: "keys_unavailable"
        case .unknownKey: "unknown_key"
        case .badSignature: "bad_signature"
        case .claimMissing: "claim_missing"
        case .expired: "expired"
        case .notYetValid: "not_yet_valid"
        case .wrongIssuer: "wrong_issuer"
        case .wrongAudience: "wrong_audience"
        }
    }
}
