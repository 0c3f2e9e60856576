internal import Encodings
package import Integrations
internal import JSONWebTokens

extension TokenResponse {
    /// Whose account it is, as far as response, ID token and the kept fields of the callback say.
    package func account(
        of integration: ConfiguredIntegration, callbackFields: [String: String] = [:]
    ) -> Account {
        let rules = integration.integration
        let index = Self.accessTokenIndex(in: raw, rules.response.accessToken) ?? 0
        return Account(
            rules.account, names: rules.account.names(index: index, of: rules.response.accessToken.count),
            answer: raw, idToken: idToken, callbackFields: callbackFields)
    }
}

extension TokenResponse.Account {
    /// Paths under `claims.` lead into the ID token. It came from the token endpoint over TLS, which stands
    /// in for its signature (OpenID Connect Core §3.1.3.7 item 6).
    init(
        _ rules: AccountRules, names: [AccountName], answer: JSONValue, idToken: String?,
        callbackFields: [String: String]
    ) {
        // An account's name is a convenience; without it the connection is still good.
        let claims = idToken.flatMap { JSONWebTokenClaims(unverified: $0)?.json }
        func text(_ paths: [ResponsePath]) -> String? {
            for path in paths {
                if let field = path.callbackField {
                    if let text = callbackFields[field], !text.isEmpty { return text }
                    continue
                }
                let value: JSONValue? =
                    if path.names.first == "claims",
                        let inner = ResponsePath(
                            path.names.dropFirst().joined(separator: "."))
                    {
                        claims?[inner]
                    } else {
                        answer[path]
                    }
                if let text = value?.text, !text.isEmpty { return text }
            }
            return nil
        }
        id =
            names.lazy.compactMap { name -> String? in
                let parts = name.parts.compactMap(text)
                return parts.count == name.parts.count ? AccountName.joined(parts) : nil
            }.first
        label = text(rules.label)
    }
}
