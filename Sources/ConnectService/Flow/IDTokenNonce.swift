internal import Encodings
internal import Integrations
internal import OAuth
internal import StateTokens

/// Whether an ID token was issued for this flow (OpenID Connect Core §3.1.3.7 item 11).
///
/// Its signature and its other claims are ``IDTokenVerifier``'s to check; where the issuer publishes no keys, TLS to the
/// token endpoint stands in for them (item 6).
enum IDTokenNonce {
    /// An answer without an ID token says nothing about the flow; PKCE does.
    ///
    /// - Parameter isDue: whether the request had a nonce, so that an ID token must have it, too.
    static func matches(_ response: TokenResponse, _ flowID: FlowID, isDue: Bool) -> Bool {
        guard let idToken = response.idToken else { return true }
        let parts = idToken.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let payload = Base64URL.decode(String(parts[1])) else { return false }
        do {
            guard case .object(let claims) = try JSONValue.parse(payload) else { return false }
            guard let nonce = claims["nonce"] else { return !isDue }
            return nonce == .string(flowID.nonce)
        } catch {
            return false
        }
    }
}
