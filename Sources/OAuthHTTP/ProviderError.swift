package import OAuth

/// Why a provider gave no token.
package enum ProviderError: Error, Equatable {
    /// No octet of the request was handed to a connection. A code or a refresh token in it is as good as before.
    case notSent(ProviderRequestError)
    /// The request was sent and no whole response came: whether something was issued is unknown.
    case noResponse(ProviderRequestError)
    /// A response that no token can be read from: whether something was issued is unknown.
    case unusable(reason: String)
    /// The provider cannot serve the request now (429, 5xx, `temporarily_unavailable`, …). It says nothing against the
    /// grant; whether something was issued is unknown.
    case transient(reason: String, retryAfter: Duration?)
    /// A refresh came too early, in the provider's own words. Nothing was issued; the tokens are as good as before.
    case tooEarly(retryAfter: Duration?)
    /// A definite OAuth error (RFC 6749 §5.2): nothing was issued. `subject` is what the provider rejects.
    case rejected(code: String, description: String?, subject: TokenError.Rejected)

    /// The code or the refresh token is spent, expired, revoked or another client's.
    package var isInvalidGrant: Bool {
        if case .rejected(code: "invalid_grant", _, _) = self { true } else { false }
    }

    /// The same request may be sent again.
    package var isCertainlyNotSent: Bool {
        if case .notSent = self { true } else { false }
    }
}

extension ProviderError {
    init(_ error: ProviderRequestError) {
        self = error.isCertainlyNotSent ? .notSent(error) : .noResponse(error)
    }

    init(_ error: TokenError, retryAfter: Duration?) {
        switch error {
        case .rejected(let code, let description):
            // Not the request is wrong, but the time.
            if let subject = error.rejects, subject != .nothing {
                self = .rejected(code: code, description: description, subject: subject)
            } else {
                self = .transient(reason: code, retryAfter: retryAfter)
            }
        case .tooEarly: self = .tooEarly(retryAfter: retryAfter)
        case .unusable(let reason): self = .unusable(reason: reason)
        case .serverError(let status): self = .transient(reason: "status \(status)", retryAfter: retryAfter)
        }
    }
}
