package import Cryptography
internal import Encodings

/// HMAC with a key that issuer and client share (RFC 7518 §3.2): an ID token's signature under the client's secret.
package enum SharedKeyAlgorithm: String, Sendable, CaseIterable {
    case hs256 = "HS256"
    case hs384 = "HS384"
    case hs512 = "HS512"

    var hashFunction: HashFunction {
        switch self {
        case .hs256: .sha256
        case .hs384: .sha384
        case .hs512: .sha512
        }
    }
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

    /// `at_hash` (OpenID Connect Core §3.1.3.6): the left half of the text's hash under the algorithm's hash function.
    ///
    /// - Returns: `nil` if libcrypto cannot hash.
    package func halfHash(of text: String) -> String? {
        let function =
            switch self {
            case .signature(let algorithm): algorithm.hashFunction
            case .sharedKey(let algorithm): algorithm.hashFunction
            }
        let octets = Array(text.utf8)
        do {
            let digest = try function.digest(of: octets.span)
            return Base64URL.encode(digest.span.extracting(first: digest.count / 2))
        } catch {
            return nil
        }
    }
}
