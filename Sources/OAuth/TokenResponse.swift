package import Integrations
package import StateTokens

/// What a token endpoint granted (RFC 6749 §5.1).
package struct TokenResponse: Sendable, Equatable {
    /// What the provider calls the account that the user chose.
    package struct Account: Sendable, Equatable {
        package let id: String?
        package let label: String?

        package init(id: String?, label: String?) {
            self.id = id
            self.label = label
        }
    }

    /// How long the access token lasts, as the provider put it.
    package enum Lifetime: Sendable, Equatable {
        case seconds(Duration)
        case until(Timestamp)
        case unlimited
    }

    package let accessToken: String
    package let tokenType: String
    package let refreshToken: String?
    package let refreshTokenLifetime: Duration?
    package let lifetime: Lifetime
    /// As granted; the requested ones where the answer is silent, which means the same (RFC 6749 §5.1).
    package let scopes: [String]
    package let idToken: String?
    package let account: Account
    /// The fields that the catalog wants kept, by their paths.
    package let fields: [String: JSONValue]
    /// The whole answer.
    package let raw: JSONValue

    /// Nil: it does not expire.
    package func expiry(receivedAt now: Timestamp) -> Timestamp? {
        switch lifetime {
        case .seconds(let duration): now + duration
        case .until(let instant): instant
        case .unlimited: nil
        }
    }
}

/// Tokens are in here: printing or reflecting it shows nothing.
extension TokenResponse: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "(token response)" }
    package var debugDescription: String { "(token response)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
