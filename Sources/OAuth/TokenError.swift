/// Why a token endpoint's answer gives no token. Tokens, codes and secrets never appear in one.
package enum TokenError: Error, Equatable {
    /// A definite OAuth error (RFC 6749 §5.2): nothing was issued. The code is the standard one where the
    /// catalog knows the provider's own word for it.
    case rejected(code: String, description: String?)
    /// Nothing that we can read, or no access token in it: whether something was issued is unknown.
    case unusable(reason: String)
    /// The provider is overloaded or broken (429, 5xx): whether something was issued is unknown.
    case serverError(status: Int)

    /// The code or the refresh token is spent, expired, revoked or another's.
    package var isInvalidGrant: Bool {
        if case .rejected(code: "invalid_grant", _) = self { true } else { false }
    }
}

extension TokenError {
    static func rejected(_ code: String, description: String?, rules invalidGrantCodes: [String])
        -> TokenError
    {
        if invalidGrantCodes.contains(code) {
            return .rejected(code: "invalid_grant", description: description.map(ErrorText.clean) ?? code)
        }
        return .rejected(code: ErrorText.code(code), description: description.map(ErrorText.clean))
    }
}

/// What providers write in errors, in a form that may be logged and shown.
enum ErrorText {
    /// RFC 6749 §5.2 allows more; no provider needs it.
    static func code(_ text: String) -> String {
        let isCode =
            (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
                    || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
            }
        return isCode ? text : "unknown_error"
    }

    /// Some providers repeat the code or the token that they refuse: long words are cut out.
    static func clean(_ text: String) -> String {
        let words = text.utf8.prefix(300).split {
            $0 <= 0x20 || $0 >= 0x7F || "\"'\\()<>,;:=".utf8.contains($0)
        }
        let shown = words.map { $0.count >= 20 ? "…" : String(decoding: Array($0), as: UTF8.self) }
        return shown.joined(separator: " ")
    }
}
