internal import Cryptography
internal import Encodings
internal import StateTokens

/// The hash of an inline style or script, as a content security policy names it.
enum ContentHash {
    static func source(of text: String) -> String {
        let digest = SHA256.digest(text.utf8.span)
        return "'sha256-\(Base64.encode(digest.span))'"
    }
}
