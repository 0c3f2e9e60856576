/// Why a token endpoint's response gives no token. It never holds a token, code or secret.
package enum TokenError: Error, Equatable {
    /// A definite OAuth error (RFC 6749 §5.2): nothing was issued. The code is the standard one where the
    /// catalog knows the provider's own word for it.
    case rejected(code: String, description: String?)
    /// A refresh came too early, in the provider's own words: nothing was issued, and the tokens are as good as before.
    case tooEarly
    /// Nothing that we can read, or no access token in it: whether something was issued is unknown.
    case unusable(reason: String)
    /// The provider is overloaded or broken (429, 5xx): whether something was issued is unknown.
    case serverError(status: Int)

    /// The code or the refresh token is spent, expired, revoked or another's.
    package var isInvalidGrant: Bool {
        if case .rejected(code: "invalid_grant", _) = self { true } else { false }
    }

    /// What a definite error is about.
    package enum Rejected: Sendable, Equatable {
        /// The code or the refresh token: `invalid_grant`, and every word that is about nothing else we know of,
        /// since providers have many for it.
        case grant
        /// Our client: its id, secret or permission.
        case client
        /// The user, who has to sign in or consent first.
        case user
        /// Something else in the request, whatever the grant.
        case request
        /// Nothing: the provider is overloaded or broken, and says so in an error of its own.
        case nothing
    }

    /// `nil` unless this is a definite error.
    package var rejects: Rejected? {
        guard case .rejected(let code, _) = self else { return nil }
        return Self.meanings[code] ?? .grant
    }

    /// RFC 6749 §5.2 and OpenID Connect Core §3.1.2.6, then what providers say in their place.
    private static let meanings: [String: Rejected] = [
        "invalid_client": .client, "unauthorized_client": .client,
        "incorrect_client_credentials": .client, "bad_client_secret": .client,
        "invalid_client_id": .client, "invalid_client_secret": .client,
        "interaction_required": .user, "consent_required": .user, "login_required": .user,
        "account_selection_required": .user,
        "invalid_scope": .request, "unsupported_grant_type": .request, "access_denied": .request,
        "unsupported_response_type": .request, "invalid_target": .request, "invalid_redirect_uri": .request,
        "redirect_uri_mismatch": .request, "bad_redirect_uri": .request,
        "temporarily_unavailable": .nothing, "server_error": .nothing, "slow_down": .nothing,
        "ratelimited": .nothing, "rate_limited": .nothing, "rate_limit_exceeded": .nothing,
        "internal_error": .nothing, "service_unavailable": .nothing,
    ]
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

    /// Words for a person, in any script, without anything that a page, a log or a URL could be misled by: control
    /// characters, marks that turn the direction of writing, quotation marks, backslashes and brackets part words.
    ///
    /// Some providers repeat the code or the token that they refuse: words with 20 ASCII characters are cut out. 300 octets
    /// are shown.
    static func clean(_ text: String) -> String {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        var byteCount = 0
        func finish() {
            guard !word.isEmpty else { return }
            words.append(word.count(where: \.isASCII) >= 20 ? "…" : String(word))
            word.removeAll()
        }
        for scalar in text.unicodeScalars {
            byteCount += UTF8.width(scalar)
            guard byteCount <= 300 else {
                // The beginning of a secret is as bad as the whole.
                while word.last?.isASCII == true { word.removeLast() }
                finish()
                words.append("…")
                break
            }
            if isShown(scalar) { word.append(scalar) } else { finish() }
        }
        finish()
        return words.joined(separator: " ")
    }

    private static func isShown(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return scalar.value > 0x20 && scalar.value < 0x7F && !separators.contains(scalar)
        }
        // Joiners are part of words in Persian and of many emoji.
        if scalar.value == 0x200C || scalar.value == 0x200D { return true }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate, .privateUse,
            .unassigned:
            return false
        default: return true
        }
    }

    private static let separators: Set<Unicode.Scalar> = [
        "\"", "'", "\\", "(", ")", "<", ">", ",", ";", ":", "=",
    ]
}
