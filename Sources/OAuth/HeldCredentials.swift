package import Encodings
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
    package private(set) var second: HeldSecondGrant?

    package init(
        accessToken: String, refreshToken: String? = nil, tokenType: String? = nil,
        expiresAt: Timestamp? = nil, scope: String? = nil, idToken: String? = nil,
        second: HeldSecondGrant? = nil
    ) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.tokenType = tokenType
        self.expiresAt = expiresAt
        self.scope = scope
        self.idToken = idToken
        self.second = second
    }
}

extension HeldCredentials {
    /// The same with the second grant that the token response brought, where the integration has one.
    ///
    /// The response may be old. A token with a lifetime that began at an unknown time counts as over: it is refreshed when it
    /// is first asked for.
    package func completed(
        by response: JSONValue, of integration: ConfiguredIntegration
    ) -> HeldCredentials {
        guard second == nil,
            let found = TokenResponse.secondGrant(in: response, integration, besides: accessToken)
        else { return self }
        let end: Timestamp? =
            switch found.lifetime {
            case .seconds(let lifetime):
                issued(in: response, integration).map { $0 + lifetime } ?? Timestamp(secondsSinceEpoch: 0)
            case .until(let time): time
            case .unlimited, .unstated, .assumed: nil
            }
        var completed = self
        completed.second = HeldSecondGrant(
            accessToken: found.accessToken, refreshToken: found.refreshToken, tokenType: found.tokenType,
            expiresAt: end, scope: found.scopes?.joined(separator: " "))
        return completed
    }

    /// When the response was given, if the first grant's token is still the one in it.
    private func issued(in response: JSONValue, _ integration: ConfiguredIntegration) -> Timestamp? {
        let rules = integration.integration.response
        guard let expiresAt, let (index, token) = TokenResponse.accessToken(in: response, rules.accessToken),
            token == accessToken
        else { return nil }
        let reader = TokenResponseReader(answer: response, index: index, count: rules.accessToken.count)
        guard case .seconds(let lifetime) = reader.lifetime(rules).lifetime else { return nil }
        return expiresAt - lifetime
    }
}

/// The second grant that came with it.
package struct HeldSecondGrant: Sendable, Hashable {
    package let accessToken: String
    package let refreshToken: String?
    package let tokenType: String?
    package let expiresAt: Timestamp?
    package let scope: String?

    package init(
        accessToken: String, refreshToken: String? = nil, tokenType: String? = nil,
        expiresAt: Timestamp? = nil, scope: String? = nil
    ) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.tokenType = tokenType
        self.expiresAt = expiresAt
        self.scope = scope
    }
}

/// Tokens are in here: printing or reflecting it shows nothing.
extension HeldCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "(credentials)" }
    package var debugDescription: String { "(credentials)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension HeldSecondGrant: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
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
        func putEnd(_ expiresAt: Timestamp?, _ end: [ResponsePath], else lifetime: [ResponsePath]) {
            guard let expiresAt else { return }
            if let path = end.first {
                answer.put(.number(String(expiresAt.secondsSinceEpoch)), at: path.names[...])
            } else if let path = lifetime.first {
                let seconds = max(1, expiresAt.seconds(since: now))
                answer.put(.number(String(seconds)), at: path.names[...])
            }
        }
        putEnd(held.expiresAt, rules.expiresAt, else: rules.expiresIn)
        if let second = held.second {
            guard let places = rules.second else {
                throw .unusable(reason: "the response holds a second grant, and the integration has none")
            }
            guard second.accessToken != held.accessToken else {
                throw .unusable(reason: "the response holds one access token twice")
            }
            put(second.accessToken, places.accessToken)
            put(second.refreshToken, places.refreshToken)
            put(second.tokenType, places.tokenType)
            put(second.scope, places.scope)
            putEnd(second.expiresAt, places.expiresAt, else: places.expiresIn)
        }
        let response = try parse(
            status: 200, contentType: "application/json", body: answer.bytes, integration: integration,
            requestedScopes: requestedScopes)
        if let excess = response.excess { throw .unusable(reason: excess) }
        if held.second != nil, response.second == nil {
            throw .unusable(reason: "the response holds no second access token")
        }
        return response
    }
}
