internal import Cryptography
internal import Encodings

/// The code verifier of PKCE (RFC 7636 §4.1): 32 random octets, of which the text is the base64url.
///
/// It is silent in logs, and compared in constant time.
public struct CodeVerifier: Sendable, Equatable {
    /// The octets behind the text.
    public static let byteCount = 32

    let storage: Octets<32>

    /// - Returns: `nil` unless there are 32 octets.
    public init?(octets: [UInt8]) {
        guard let storage = Octets<32>(octets.span) else { return nil }
        self.storage = storage
    }

    init(storage: Octets<32>) { self.storage = storage }

    /// Reads the text of a verifier that has 32 octets: 43 characters of base64url.
    public init?(text: String) {
        guard let octets = Base64URL.decode(text) else { return nil }
        self.init(octets: octets)
    }

    /// What goes into the token request, 43 characters (RFC 7636 §4.1).
    public var text: String {
        // Built here and not by `Base64URL.encode`, because what lies on the stack is wiped here.
        let byteCount = Base64URL.characterCount(ofOctets: Self.byteCount)
        return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: byteCount) { buffer in
            var text = unsafe OutputSpan(buffer: buffer, initializedCount: 0)
            storage.appendBase64URL(to: &text)
            let copy = unsafe String(copying: UTF8Span(unchecked: text.span, isKnownASCII: true))
            var secret = text.mutableSpan
            wipe(&secret)
            return copy
        }
    }

    /// What goes into the authorization request, 43 characters: `BASE64URL(SHA256(text))` (RFC 7636 §4.2, `S256`).
    public var codeChallenge: String {
        let textByteCount = Base64URL.characterCount(ofOctets: Self.byteCount)
        let byteCount = textByteCount + SHA256.byteCount
        return unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: byteCount) { buffer in
            var text = unsafe OutputSpan(
                buffer: .init(rebasing: buffer[..<textByteCount]), initializedCount: 0)
            var digest = unsafe OutputSpan(
                buffer: .init(rebasing: buffer[textByteCount...]), initializedCount: 0)
            storage.appendBase64URL(to: &text)
            SHA256.digest(text.span, into: &digest)
            var secret = text.mutableSpan
            wipe(&secret)
            return Base64URL.encode(digest.span)
        }
    }
}

extension CodeVerifier: CustomStringConvertible, CustomReflectable {
    public var description: String { "(secret)" }

    public var customMirror: Mirror { Mirror(self, children: []) }
}
