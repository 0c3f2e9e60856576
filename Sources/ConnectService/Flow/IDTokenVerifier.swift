package import Access
internal import Cryptography
internal import Integrations
internal import JSONWebTokens
package import Logging
internal import OAuth
internal import StateTokens
internal import Synchronization

/// Checks ID tokens as a relying party must (OpenID Connect Core with errata 2, §3.1.3.7 and §12.2).
///
/// Whether a token belongs to the flow is ``IDTokenNonce``'s to check.
package final class IDTokenVerifier: Sendable {
    /// Fetches a key set by its URL, whose host a caller may have named.
    package typealias Fetch =
        @Sendable (_ url: String, _ isHostNamedByCaller: Bool) async throws -> KeySetDocument

    private let fetch: Fetch
    private let pause: Duration
    private let skew: Duration
    private let logger: Logger
    private let keySets = Mutex(KeySetTable())

    /// - Parameter pause: the shortest time between two fetches of one key set.
    package init(
        pause: Duration = .seconds(10), skew: Duration = .seconds(60), logger: Logger, fetch: @escaping Fetch
    ) {
        self.fetch = fetch
        self.pause = pause
        self.skew = skew
        self.logger = logger
    }

    /// - Returns: what is wrong with a response's ID token; `nil` if nothing is, or there is none to check.
    func error(in response: TokenResponse, for integration: ConfiguredIntegration, at now: Timestamp) async
        -> ExchangeError?
    {
        guard let text = response.idToken, let issuer = integration.idTokens else { return nil }
        do throws(JSONWebTokenError) {
            guard let (token, claims) = try await verified(text, issuer, integration, at: now) else {
                return nil
            }
            return Self.error(in: claims, token.algorithm, response, clientID: integration.clientID)
        } catch .keysUnavailable {
            return .idTokenKeysUnavailable
        } catch {
            return .idTokenRejected(detail: error.name)
        }
    }

    /// The token and its claims, once its signature and the usual claims hold; `nil` where TLS to the token endpoint
    /// stands in for the signature (§3.1.3.7 item 6), because the issuer publishes no key that we can use.
    private func verified(
        _ text: String, _ issuer: IDTokenIssuer, _ integration: ConfiguredIntegration, at now: Timestamp
    ) async throws(JSONWebTokenError) -> (JSONWebToken, JSONWebTokenClaims)? {
        var signatures = Set(issuer.algorithms.compactMap(SignatureAlgorithm.init(rawValue:)))
        var shared = Set(issuer.algorithms.compactMap(SharedKeyAlgorithm.init(rawValue:)))
        // An issuer that names none signs with RS256 (item 7), or under the secret that it gave us.
        if issuer.algorithms.isEmpty { (signatures, shared) = ([.rs256], [.hs256]) }
        guard !shared.isEmpty || (!signatures.isEmpty && issuer.keySetURL != nil) else { return nil }
        let token = try JSONWebToken(text)
        let rules = JSONWebTokenRules(
            issuer: issuer.issuer, audience: integration.clientID, algorithms: signatures, skew: skew)
        switch token.algorithm {
        case .sharedKey(let algorithm):
            // The key is the secret and never one of the set. A public client has none, whatever is configured.
            guard shared.contains(algorithm), integration.tokenAuthentication != .none else {
                throw .algorithmNotAllowed
            }
            try token.check(secret: integration.clientSecret?.exposed ?? "")
            try rules.check(token.claims, at: now)
            return (token, token.claims)
        case .signature:
            try rules.allowed(token)
            guard let url = issuer.keySetURL else { return nil }
            let keySet = keySet(at: url, issuer, of: integration)
            return (token, try await keySet.claims(of: token, by: rules, at: now))
        }
    }

    private static func error(
        in claims: JSONWebTokenClaims, _ algorithm: TokenAlgorithm, _ response: TokenResponse,
        clientID: String
    ) -> ExchangeError? {
        guard claims.has("iat"), let subject = claims.text("sub"), (1...255).contains(subject.utf8.count)
        else { return .idTokenRejected(detail: "claim_missing") }
        // Errata 2 no longer asks for `azp`, and says to ignore it in a token for one audience. The issuer itself gave us
        // the token, so other audiences beside us are its choice; but then `azp` must not say that it is another's.
        let hasOthers = (claims.texts("aud") ?? []).contains { !same($0, clientID) }
        if hasOthers, claims.has("azp"), !same(claims.text("azp"), clientID) {
            return .idTokenRejected(detail: "wrong_party")
        }
        if claims.has("at_hash") {
            guard let hash = algorithm.halfHash(of: response.accessToken), claims.text("at_hash") == hash
            else {
                return .idTokenRejected(detail: "at_hash")
            }
        }
        return nil
    }

    /// Compares octets: strings that Unicode calls equivalent are different here (RFC 7519 §4.1, RFC 8259 §8.3).
    private static func same(_ left: String?, _ right: String?) -> Bool {
        guard let left, let right else { return left == nil && right == nil }
        return left.utf8.elementsEqual(right.utf8)
    }

    private func keySet(
        at url: String, _ issuer: IDTokenIssuer, of integration: ConfiguredIntegration
    ) -> LiveKeySet {
        keySets.withLock { keySets in
            keySets.keySet(at: url, isNamed: integration.integration.discovery != nil) {
                LiveKeySet(pause: pause, logger: logger) { [fetch] in
                    try await fetch(url, issuer.isHostNamedByCaller)
                }
            }
        }
    }
}

// MARK: Refresh

/// What a refresh's ID token is good for (OpenID Connect Core §12.2).
enum RefreshedIDToken: Equatable {
    /// There is none, or it holds and replaces the one before.
    case good
    /// It does not hold: the one before stays. The tokens beside it are good, and the old refresh token may be spent.
    case dropped(ExchangeError)
    /// It is about another user or from another issuer, and so may be the tokens beside it.
    case another(ExchangeError)
}

extension IDTokenVerifier {
    /// Judges the ID token of a refresh: it must hold by itself, and have the issuer, subject and audience of the one before.
    ///
    /// - Parameter before: the ID token in the connection's credentials.
    func refreshed(
        _ response: TokenResponse, before: String?, for integration: ConfiguredIntegration, at now: Timestamp
    ) async -> RefreshedIDToken {
        guard let text = response.idToken else { return .good }
        if let before = before.flatMap(JSONWebTokenClaims.init(unverified:)) {
            guard let claims = JSONWebTokenClaims(unverified: text) else {
                return .dropped(.idTokenRejected(detail: "malformed"))
            }
            for name in ["iss", "sub"]
            where before.has(name) && !Self.same(before.text(name), claims.text(name)) {
                return .another(.idTokenRejected(detail: "another_\(name)"))
            }
            // A refresh has no nonce of its own; one that is repeated is the flow's.
            if claims.has("nonce"), !Self.same(before.text("nonce"), claims.text("nonce")) {
                return .another(.idTokenRejected(detail: "another_nonce"))
            }
            let clientID = integration.clientID
            func isAudience(_ claims: JSONWebTokenClaims) -> Bool {
                claims.texts("aud")?.contains { Self.same($0, clientID) } ?? false
            }
            if isAudience(before), !isAudience(claims) {
                return .another(.idTokenRejected(detail: "another_aud"))
            }
        }
        guard let error = await error(in: response, for: integration, at: now) else { return .good }
        return .dropped(error)
    }
}
