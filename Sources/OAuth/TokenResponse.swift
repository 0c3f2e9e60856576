package import Encodings

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

    package let accessToken: String
    package let tokenType: String
    package let refreshToken: String?
    package let refreshTokenLifetime: TokenLifetime
    /// How long the user's authorization lasts, whatever is refreshed (draft-ietf-oauth-refresh-token-expiration).
    package let authorizationLifetime: TokenLifetime
    package let lifetime: TokenLifetime
    /// The fields about lifetimes that could not be read, for the log: names and kinds, never values.
    package let unreadableFields: [String]
    /// What a refresh brought and could not be kept, for the log: names, never values.
    package internal(set) var droppedParts: [String] = []
    /// Why the response to an exchange cannot be kept; its tokens are to be revoked.
    package internal(set) var excess: String? = nil
    /// As granted; the requested ones where the response has none, which means the same (RFC 6749 §5.1).
    package let scopes: [String]
    package let idToken: String?
    /// The fields that the catalog wants kept, by their paths.
    package let fields: [String: JSONValue]
    /// The whole response.
    package let raw: JSONValue
    /// A second grant, where the entry names one and the response has it.
    package internal(set) var second: SecondGrant? = nil
}

/// Tokens are in here: printing or reflecting it shows nothing.
extension TokenResponse {
    /// A grant beside the first one, such as a user's beside an app's own.
    package struct SecondGrant: Sendable, Equatable {
        package let accessToken: String
        package let tokenType: String
        package let refreshToken: String?
        package let lifetime: TokenLifetime
        /// Nil where the response names none.
        package let scopes: [String]?
    }
}

extension TokenResponse: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "(token response)" }
    package var debugDescription: String { "(token response)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
