internal import Encodings
internal import Integrations

/// What one token response may bring, in octets of UTF-8 unless it says otherwise. A response that brings
/// more is unusable: what is kept for a connection is read and sent again at every request for it.
package enum TokenResponseLimits {
    /// An access, refresh or ID token.
    package static let token = 64 * 1024
    package static let tokenType = 64
    /// How many scopes.
    package static let scopeCount = 1_000
    /// One scope; an initiate request takes as much.
    package static let scope = 512
    /// All scopes together.
    package static let scopes = 64 * 1024
    package static let accountID = 1_024
    package static let accountLabel = 1_024
    /// One of the fields that the entry keeps, links among them.
    package static let field = 8 * 1024
    /// The whole response as JSON, which is kept with the credentials.
    package static let response = 256 * 1024
}

extension TokenResponse {
    /// Rejects what is too long to keep, and characters that a value cannot have where it goes. A value is
    /// kept as it came or not at all: never cut, and never changed.
    func checkLimits(of integration: ConfiguredIntegration) throws(TokenError) {
        let account = account(of: integration)
        try Self.check(accessToken, "access token", limit: TokenResponseLimits.token, isHeaderText: true)
        try Self.check(tokenType, "token type", limit: TokenResponseLimits.tokenType, isHeaderText: true)
        if let refreshToken {
            try Self.check(
                refreshToken, "refresh token", limit: TokenResponseLimits.token, isHeaderText: true)
        }
        if let idToken {
            try Self.check(idToken, "ID token", limit: TokenResponseLimits.token, isHeaderText: true)
        }
        guard scopes.count <= TokenResponseLimits.scopeCount else {
            throw .unusable(reason: "the response has more than \(TokenResponseLimits.scopeCount) scopes")
        }
        var total = 0
        for scope in scopes {
            try Self.check(scope, "scope", limit: TokenResponseLimits.scope, isHeaderText: true)
            total += scope.utf8.count
        }
        guard total <= TokenResponseLimits.scopes else {
            throw .unusable(
                reason: "the response's scopes are longer than \(TokenResponseLimits.scopes) octets")
        }
        if let id = account.id { try Self.check(id, "account id", limit: TokenResponseLimits.accountID) }
        if let label = account.label {
            try Self.check(label, "account label", limit: TokenResponseLimits.accountLabel)
        }
        for (name, value) in fields {
            let text = value.text ?? String(decoding: value.bytes, as: UTF8.self)
            try Self.check(text, "field \(name)", limit: TokenResponseLimits.field)
        }
        try second?.checkLimits()
        guard raw.bytes.count <= TokenResponseLimits.response else {
            throw .unusable(
                reason: "the response is longer than \(TokenResponseLimits.response) octets as JSON")
        }
    }

    /// - Parameter isHeaderText: it stands in a header or in a list with spaces between, where no control
    ///   character can (RFC 6749 appendix A, RFC 9110 §5.5). Elsewhere only NUL is rejected, which PostgreSQL's
    ///   text cannot hold.
    static func check(
        _ text: String, _ name: String, limit: Int, isHeaderText: Bool = false
    ) throws(TokenError) {
        guard text.utf8.count <= limit else { throw .tooLong(name, limit: limit) }
        guard !text.utf8.contains(where: { isHeaderText ? $0 < 0x20 || $0 == 0x7F : $0 == 0 }) else {
            throw .unusable(reason: "the response's \(name) holds a control character")
        }
    }
}

extension TokenError {
    fileprivate static func tooLong(_ name: String, limit: Int) -> TokenError {
        .unusable(reason: "the response's \(name) is longer than \(limit) octets")
    }
}
