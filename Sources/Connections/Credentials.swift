package import StateTokens

/// What a token endpoint gave for a grant (RFC 6749 §5.1); never shown, dumped or logged.
package struct Credentials: Sendable, Hashable {
    package let accessToken: String
    package let refreshToken: String?
    package let tokenType: String
    package let expiresAt: Timestamp?
    /// As the token endpoint wrote it; `nil` where it said nothing.
    package let scope: String?
    package let idToken: String?
    /// The JSON text of the whole token response.
    package let raw: String

    package init(
        accessToken: String, refreshToken: String?, tokenType: String, expiresAt: Timestamp?, scope: String?,
        idToken: String?, raw: String
    ) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.tokenType = tokenType
        self.expiresAt = expiresAt
        self.scope = scope
        self.idToken = idToken
        self.raw = raw
    }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "Credentials(silent)" }

    package var debugDescription: String { description }

    /// Without children, for `dump` and whatever else looks inside.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
