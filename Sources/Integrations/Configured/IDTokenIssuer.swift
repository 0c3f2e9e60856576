/// What is needed to check an OpenID provider's ID tokens, as its discovery document says.
package struct IDTokenIssuer: Sendable, Hashable {
    package let issuer: String
    /// Where its public keys are (RFC 7517); an issuer that signs under the client's secret may have none.
    package let keySetURL: String?
    /// What it signs with, by its own word.
    package let algorithms: [String]
    /// The key set's host is looked up and checked by us, whatever proxy there is.
    package let isHostNamedByCaller: Bool

    package init(
        issuer: String, keySetURL: String?, algorithms: [String], isHostNamedByCaller: Bool = false
    ) {
        self.issuer = issuer
        self.keySetURL = keySetURL
        self.algorithms = algorithms
        self.isHostNamedByCaller = isHostNamedByCaller
    }
}
