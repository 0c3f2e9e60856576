/// The request for a refresh token that OpenID Connect has (Core §11): a scope, and that the user is asked for consent.
///
/// It is made where the operator wants it and the provider's discovery document offers it, and nowhere else: other
/// servers reject a scope that they do not know.
enum OfflineAccess {
    static let scope = "offline_access"
    /// Without it the provider must ignore the scope.
    static let prompt = (name: "prompt", value: "consent")
}
