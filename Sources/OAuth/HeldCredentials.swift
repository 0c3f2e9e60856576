internal import Encodings
package import Integrations
package import StateTokens

/// The credentials of a grant that another service has held until now, as its token response gave them.
package struct HeldCredentials: Sendable, Hashable {
    package let accessToken: String
    package let refreshToken: String?
    package let tokenType: String?
    package let expiresAt: Timestamp?
    package let scope: String?
    package let idToken: String?

    package init(
        accessToken: String, refreshToken: String? = nil, tokenType: String? = nil,
        expiresAt: Timestamp? = nil, scope: String? = nil, idToken: String? = nil
    ) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.tokenType = tokenType
        self.expiresAt = expiresAt
        self.scope = scope
        self.idToken = idToken
    }
}

/// Tokens are in here: printing or reflecting it shows nothing.
extension HeldCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "(credentials)" }
    package var debugDescription: String { "(credentials)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension TokenResponse {
    /// The token response that would have brought these credentials, with all its limits.
    ///
    /// It has the form that the integration's entry describes, so that whatever reads a stored response later finds in it
    /// what it looks for.
    package static func held(
        _ held: HeldCredentials, of integration: ConfiguredIntegration, requestedScopes: [String] = [],
        at now: Timestamp
    ) throws(TokenError) -> TokenResponse {
        let rules = integration.integration.response
        var answer = JSONValue.object([:])
        func put(_ value: String?, _ paths: [ResponsePath]) {
            guard let value, let path = paths.first else { return }
            answer.put(.string(value), at: path.names[...])
        }
        put(held.accessToken, rules.accessToken)
        put(held.refreshToken, rules.refreshToken)
        put(held.tokenType, rules.tokenType)
        put(held.scope, rules.scope)
        put(held.idToken, rules.idToken)
        if let expiresAt = held.expiresAt {
            if let path = rules.expiresAt.first {
                answer.put(.number(String(expiresAt.secondsSinceEpoch)), at: path.names[...])
            } else if let path = rules.expiresIn.first {
                let seconds = max(1, expiresAt.seconds(since: now))
                answer.put(.number(String(seconds)), at: path.names[...])
            }
        }
        return try parse(
            status: 200, contentType: "application/json", body: answer.bytes, integration: integration,
            requestedScopes: requestedScopes)
    }
}

extension JSONValue {
    /// Puts a value at the end of a path, with objects on the way to it.
    fileprivate mutating func put(_ value: JSONValue, at names: ArraySlice<String>) {
        guard let name = names.first else {
            self = value
            return
        }
        var members: [String: JSONValue] = [:]
        if case .object(let present) = self { members = present }
        var member = members[name] ?? .null
        member.put(value, at: names.dropFirst())
        members[name] = member
        self = .object(members)
    }
}
