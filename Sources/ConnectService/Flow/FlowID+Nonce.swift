internal import Cryptography
internal import Encodings
package import StateTokens

extension FlowID {
    /// The OpenID nonce of the flow (OpenID Connect Core §3.1.2.1), derived from its id and not carried in the state.
    ///
    /// An ID token that names it was issued for this flow.
    package var nonce: String {
        let labelled = Array("symbolon/nonce/1/".utf8) + octets
        let digest = SHA256.digest(labelled.span)
        return Base64URL.encode(digest.span)
    }
}
