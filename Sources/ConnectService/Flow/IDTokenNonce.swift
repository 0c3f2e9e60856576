internal import JSONWebTokens
internal import OAuth
internal import StateTokens

/// Whether an ID token was issued for this flow (OpenID Connect Core §3.1.3.7 item 11).
///
/// Its signature and its other claims are ``IDTokenVerifier``'s to check; where the issuer publishes no keys, TLS to the
/// token endpoint stands in for them (item 6).
enum IDTokenNonce {
    /// A response without an ID token says nothing about the flow; PKCE does.
    ///
    /// - Parameter isDue: whether the request had a nonce. If not, a nonce in the token says nothing.
    static func matches(_ response: TokenResponse, _ flowID: FlowID, isDue: Bool) -> Bool {
        guard let idToken = response.idToken else { return true }
        guard let claims = JSONWebTokenClaims(unverified: idToken) else { return false }
        // By octets: Unicode calls K and the Kelvin sign equivalent.
        return !isDue || claims.text("nonce").map { $0.utf8.elementsEqual(flowID.nonce.utf8) } ?? false
    }
}
