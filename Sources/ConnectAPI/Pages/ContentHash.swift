internal import Cryptography
internal import StateTokens

/// The hash of an inline style or script, as a content security policy names it.
enum ContentHash {
    /// In base64 with padding, which is one character for 32 octets.
    static func source(of text: String) -> String {
        let characters = Base64URL.encode(SHA256.digest(text.utf8.span).span).utf8.map { octet in
            switch octet {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: octet
            }
        }
        return "'sha256-\(String(decoding: characters, as: UTF8.self))='"
    }
}
