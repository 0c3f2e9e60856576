internal import Encodings
package import Integrations

/// Why an authorization URL cannot be made.
package enum AuthorizationRequestError: Error, Equatable {
    /// The provider cuts or rejects longer states, and the redirect would break later.
    case stateTooLong(byteCount: Int, limit: Int)
    /// The integration lets no caller set this parameter.
    case parameterNotAllowed(name: String)
    /// The provider takes PKCE, and no challenge was given (RFC 9700 §2.1.1).
    case codeChallengeMissing
}

/// The request that the user's browser takes to the authorization endpoint (RFC 6749 §4.1.1, RFC 7636 §4.3).
package struct AuthorizationRequest {
    private let integration: ConfiguredIntegration
    private let endpoints: Endpoints
    private let redirectURI: String
    private let scopes: [String]
    private let state: String
    private let codeChallenge: String?
    private let nonce: () -> String?
    private let extra: [(name: String, value: String)]

    /// `scopes` as `ConfiguredIntegration.scopes(requested:)` gives them; the challenge is always of method
    /// S256; the nonce is made where one is sent.
    package init(
        _ integration: ConfiguredIntegration, endpoints: Endpoints, redirectURI: String, scopes: [String],
        state: String, codeChallenge: String?, nonce: @autoclosure @escaping () -> String? = nil,
        extra: [(name: String, value: String)] = []
    ) {
        self.integration = integration
        self.endpoints = endpoints
        self.redirectURI = redirectURI
        self.scopes = scopes
        self.state = state
        self.codeChallenge = codeChallenge
        self.nonce = nonce
        self.extra = extra
    }

    /// On the hot path: one buffer, and only what differs between two requests is encoded.
    package func url() throws(AuthorizationRequestError) -> String {
        let stateByteCount = state.utf8.count
        if let limit = integration.integration.maxStateLength, stateByteCount > limit {
            throw .stateTooLong(byteCount: stateByteCount, limit: limit)
        }
        let keys = integration.authorizationKeys
        let prefix = endpoints.authorizationPrefix
        var url: [UInt8] = []
        url.reserveCapacity(byteCountBound(prefix, stateByteCount: stateByteCount))
        url.append(contentsOf: prefix.octets)
        if let key = keys.redirectURI { Self.append(key, redirectURI, to: &url) }
        appendScopes(keys, to: &url)
        if let key = keys.state { Self.append(key, state, to: &url) }
        if let key = keys.codeChallenge {
            guard let codeChallenge else { throw .codeChallengeMissing }
            Self.append(key, codeChallenge, to: &url)
        }
        if let key = keys.nonce, integration.sendsNonce(scopes: scopes), let nonce = nonce() {
            Self.append(key, nonce, to: &url)
        }
        try appendExtra(prefix, to: &url)
        if prefix.isOrdered { prefix.arrange(&url, by: integration.integration.authorization.order) }
        url.append(contentsOf: prefix.fragment)
        return String(decoding: url, as: UTF8.self)
    }

    /// Enough for the longest encoding of the parts that are usually there; more only costs a second
    /// allocation.
    private func byteCountBound(_ prefix: AuthorizationPrefix, stateByteCount: Int) -> Int {
        var count = prefix.octets.count + prefix.defaults.count + prefix.fragment.count
        count += (stateByteCount + redirectURI.utf8.count) * 3 + 384
        for scope in scopes { count += scope.utf8.count * 3 + 3 }
        return count
    }

    private static func append(_ key: [UInt8], _ value: String, to url: inout [UInt8]) {
        url.append(contentsOf: key)
        PercentEncoding.append(value.utf8.span, to: &url)
    }

    /// An empty list is left out: some providers reject an empty parameter.
    private func appendScopes(_ keys: AuthorizationKeys, to url: inout [UInt8]) {
        guard let key = keys.scope else { return }
        let second = integration.integration.scope.secondList?.prefix
        var isFirst = true
        for scope in scopes where second.map(scope.hasPrefix) != true {
            url.append(contentsOf: isFirst ? key : keys.scopeSeparator)
            PercentEncoding.append(scope.utf8.span, to: &url)
            isFirst = false
        }
        guard let second, let key = keys.secondScope else { return }
        isFirst = true
        for scope in scopes where scope.hasPrefix(second) {
            url.append(contentsOf: isFirst ? key : keys.scopeSeparator)
            PercentEncoding.append(scope.utf8.span.extracting(second.utf8.count...), to: &url)
            isFirst = false
        }
    }

    private func appendExtra(
        _ prefix: AuthorizationPrefix, to url: inout [UInt8]
    ) throws(AuthorizationRequestError) {
        if extra.isEmpty {
            url.append(contentsOf: prefix.defaults)
            return
        }
        for parameter in extra where !prefix.overridable.contains(where: { $0.name == parameter.name }) {
            throw .parameterNotAllowed(name: parameter.name)
        }
        for parameter in prefix.overridable {
            if let given = extra.last(where: { $0.name == parameter.name }) {
                // A parameter without a value is as good as none (RFC 6749 §3.1).
                if !given.value.isEmpty { Self.append(parameter.key, given.value, to: &url) }
            } else if let value = parameter.defaultValue {
                url.append(contentsOf: parameter.key)
                url.append(contentsOf: value)
            }
        }
    }
}

extension ConfiguredIntegration {
    /// Whether an authorization request with these scopes carries a nonce (OpenID Connect Core §3.1.2.1).
    package func sendsNonce(scopes: [String]) -> Bool {
        switch integration.authorization.nonce {
        case .always: true
        case .openid: scopes.contains("openid")
        case .never: false
        }
    }
}
