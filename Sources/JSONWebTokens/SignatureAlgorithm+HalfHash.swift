internal import Crypto
internal import Encodings
internal import StateTokens

extension SignatureAlgorithm {
    /// `at_hash` (OpenID Connect Core §3.1.3.6): the left half of the text's hash under the algorithm's hash function.
    package func halfHash(of text: String) -> String {
        let octets = Array(text.utf8)
        let digest: [UInt8]
        switch self {
        case .rs256, .ps256, .es256: digest = Array(SHA256.hash(data: octets))
        case .rs384, .ps384, .es384: digest = Array(SHA384.hash(data: octets))
        case .rs512, .ps512, .es512, .edDSA: digest = Array(SHA512.hash(data: octets))
        }
        let half = Array(digest.prefix(digest.count / 2))
        return Base64URL.encode(half.span)
    }
}
