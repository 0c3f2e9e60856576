internal import Crypto
internal import Encodings
internal import StateTokens

extension TokenAlgorithm {
    /// `at_hash` (OpenID Connect Core §3.1.3.6): the left half of the text's hash under the algorithm's hash function.
    package func halfHash(of text: String) -> String {
        let octets = Array(text.utf8)
        let digest: [UInt8]
        switch self {
        case .signature(.rs256), .signature(.ps256), .signature(.es256), .sharedKey(.hs256):
            digest = Array(SHA256.hash(data: octets))
        case .signature(.rs384), .signature(.ps384), .signature(.es384), .sharedKey(.hs384):
            digest = Array(SHA384.hash(data: octets))
        case .signature(.rs512), .signature(.ps512), .signature(.es512), .signature(.edDSA),
            .sharedKey(.hs512):
            digest = Array(SHA512.hash(data: octets))
        }
        let half = Array(digest.prefix(digest.count / 2))
        return Base64URL.encode(half.span)
    }
}
