/// An integration's URLs as they are in force: the catalog's, the operator's, or the discovery document's.
struct EndpointTemplates: Sendable {
    var authorization: URLTemplate?
    var token: URLTemplate?
    var refresh: URLTemplate?
    var revocation: URLTemplate?
    var issuer: URLTemplate?
    var accountLookup: URLTemplate?
    var secondExchange: URLTemplate?
    var verification: URLTemplate?
    var api: URLTemplate?

    /// Nil while an endpoint is not known. `late` are the values that came with the callback; the fingerprint
    /// leaves them out, so that it is the same before and after.
    func filled(
        _ early: [String: String], late: [String: String], clientID: String, rules: AuthorizationRules,
        asksOfflineAccess: Bool, context: RedirectContext?
    ) -> Endpoints? {
        guard let authorization, let token else { return nil }
        let values = early.merging(late) { first, _ in first }
        let authorizationText = authorization.filled(early)
        let tokenText = token.filled(values)
        let issuerText = issuer?.filled(early)
        return Endpoints(
            authorization: authorizationText, token: tokenText, refresh: refresh?.filled(values) ?? tokenText,
            revocation: revocation?.filled(values), issuer: issuerText,
            redirectURI: rules.redirectURI?.filled(early), values: values,
            fingerprint: Fingerprint.make(
                authorizationEndpoint: authorizationText, tokenEndpoint: token.filled(early),
                clientID: clientID),
            authorizationPrefix: AuthorizationPrefix(
                endpoint: authorizationText, clientID: clientID, rules: rules, values: early,
                asksOfflineAccess: asksOfflineAccess),
            context: context?.text(early, issuer: issuerText))
    }
}
