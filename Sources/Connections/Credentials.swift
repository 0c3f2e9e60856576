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
    /// A second grant that the same response brought.
    package var second: SecondCredentials?

    package init(
        accessToken: String, refreshToken: String?, tokenType: String, expiresAt: Timestamp?, scope: String?,
        idToken: String?, raw: String, second: SecondCredentials? = nil
    ) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.tokenType = tokenType
        self.expiresAt = expiresAt
        self.scope = scope
        self.idToken = idToken
        self.raw = raw
        self.second = second
    }
}

/// A second grant of a connection, such as a user's beside an app's own; never shown, dumped or logged.
package struct SecondCredentials: Sendable, Hashable {
    package let accessToken: String
    package let refreshToken: String?
    package let tokenType: String
    package let issuedAt: Timestamp
    package let expiresAt: Timestamp?
    /// Whether the expiry is the provider's own word. An assumed one ends nothing.
    package let isExpiryStated: Bool
    /// As the token endpoint wrote it; `nil` where it said nothing.
    package let scope: String?
    /// The provider no longer accepts the refresh token; the access token may live on for a while.
    package var hasEnded: Bool

    package init(
        accessToken: String, refreshToken: String?, tokenType: String, issuedAt: Timestamp,
        expiresAt: Timestamp?, isExpiryStated: Bool, scope: String?, hasEnded: Bool = false
    ) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.tokenType = tokenType
        self.issuedAt = issuedAt
        self.expiresAt = expiresAt
        self.isExpiryStated = isExpiryStated
        self.scope = scope
        self.hasEnded = hasEnded
    }

    /// How long the access token lasted when it was issued; `nil` if it does not expire.
    package var lifetime: Duration? {
        expiresAt.map { .seconds(max(0, $0.seconds(since: issuedAt))) }
    }
}

extension SecondCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "SecondCredentials(silent)" }

    package var debugDescription: String { description }

    /// Without children, for `dump` and whatever else looks inside.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}

extension Credentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "Credentials(silent)" }

    package var debugDescription: String { description }

    /// Without children, for `dump` and whatever else looks inside.
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
