/// An integration's endpoints with its parameters filled in, and what of the authorization URL they settle.
/// A class, since the hot path hands it on for the price of one reference.
package final class Endpoints: Sendable {
    package let authorization: String
    /// Keeps the braces of a parameter that only the callback fills, until it was made with the callback's
    /// fields.
    package let token: String
    package let refresh: String
    package let revocation: String?
    package let issuer: String?
    /// What is sent as `redirect_uri` in place of our callback's URL, in both requests (RFC 6749 §4.1.3).
    package let redirectURI: String?
    /// The parameters' values, defaults, settings and callback fields included, for the integration's other
    /// templates; some are secret.
    package let values: [String: String]
    /// Changes whenever the authorization endpoint, the token endpoint or the client does.
    package let fingerprint: UInt32
    package let authorizationPrefix: AuthorizationPrefix
    /// The last segment of the redirect URI's path, 22 characters; `nil` where the integration's only redirect URI will do.
    package let context: String?

    init(
        authorization: String, token: String, refresh: String, revocation: String?, issuer: String?,
        redirectURI: String?, values: [String: String], fingerprint: UInt32,
        authorizationPrefix: AuthorizationPrefix, context: String?
    ) {
        self.authorization = authorization
        self.token = token
        self.refresh = refresh
        self.revocation = revocation
        self.issuer = issuer
        self.redirectURI = redirectURI
        self.values = values
        self.fingerprint = fingerprint
        self.authorizationPrefix = authorizationPrefix
        self.context = context
    }
}
