internal import Access
internal import Integrations
internal import JSONWebTokens
package import Logging
internal import OAuth
internal import StateTokens
internal import Synchronization

/// Checks ID tokens as a relying party must (OpenID Connect Core §3.1.3.7), where the issuer publishes its keys.
///
/// That the token belongs to the flow is ``IDTokenNonce``'s to say.
package final class IDTokenVerifier: Sendable {
    /// Fetches a key set by its URL.
    package typealias Fetch = @Sendable (String) async throws -> [UInt8]

    private let fetch: Fetch
    private let skew: Duration
    private let logger: Logger
    /// One for each issuer of the catalog.
    private let keySets = Mutex<[String: LiveKeySet]>([:])

    package init(skew: Duration = .seconds(60), logger: Logger, fetch: @escaping Fetch) {
        self.fetch = fetch
        self.skew = skew
        self.logger = logger
    }

    /// - Returns: what is wrong with the ID token of an answer; `nil` if nothing is, or there is none to check.
    func fault(in response: TokenResponse, for integration: ConfiguredIntegration, at now: Timestamp) async
        -> ExchangeFault?
    {
        guard let text = response.idToken, let issuer = integration.idTokens else { return nil }
        let algorithms = Set(issuer.algorithms.compactMap(SignatureAlgorithm.init(rawValue:)))
        // One that signs with the client's secret only: TLS stands in for the signature (item 6).
        guard !algorithms.isEmpty || issuer.algorithms.isEmpty else { return nil }
        let rules = JSONWebTokenRules(
            issuer: issuer.issuer, audience: integration.clientID,
            algorithms: algorithms.isEmpty ? [.rs256] : algorithms, skew: skew)
        do throws(JSONWebTokenError) {
            let token = try JSONWebToken(text)
            guard let keys = await keySet(at: issuer.keySetURL).keys(with: token.keyID) else {
                return ExchangeFault("id_token_keys_unavailable")
            }
            let claims = try rules.verify(token, keys, at: now)
            return Self.fault(in: claims, token.algorithm, response, clientID: integration.clientID)
        } catch {
            return ExchangeFault("id_token_refused", detail: error.name)
        }
    }

    private static func fault(
        in claims: JSONWebTokenClaims, _ algorithm: SignatureAlgorithm, _ response: TokenResponse,
        clientID: String
    ) -> ExchangeFault? {
        func refused(_ reason: String) -> ExchangeFault { ExchangeFault("id_token_refused", detail: reason) }
        guard claims.has("iat") else { return refused("claim_missing") }
        let party = claims.text("azp")
        // Items 4 and 5: of several audiences one is the party that asked, and that is us.
        if (claims.texts("aud") ?? []).count > 1, party == nil { return refused("wrong_party") }
        if claims.has("azp"), party != clientID { return refused("wrong_party") }
        if claims.has("at_hash") {
            guard claims.text("at_hash") == algorithm.halfHash(of: response.accessToken) else {
                return refused("at_hash")
            }
        }
        return nil
    }

    private func keySet(at url: String) -> LiveKeySet {
        keySets.withLock { keySets in
            if let known = keySets[url] { return known }
            let made = LiveKeySet(logger: logger) { [fetch] in try await fetch(url) }
            keySets[url] = made
            return made
        }
    }
}
