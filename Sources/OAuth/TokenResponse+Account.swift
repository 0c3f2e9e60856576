internal import Encodings
internal import Integrations
internal import JSONWebTokens

extension TokenResponse.Account {
    /// Paths under `claims.` lead into the ID token. It came from the token endpoint over TLS, which stands
    /// in for its signature (OpenID Connect Core §3.1.3.7 item 6).
    init(_ rules: AccountRules, answer: JSONValue, idToken: String?) {
        // An account's name is a convenience; without it the connection is still good.
        let claims = idToken.flatMap { JSONWebTokenClaims(unverified: $0)?.json }
        func text(_ paths: [ResponsePath]) -> String? {
            for path in paths {
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
        id = text(rules.id)
        label = text(rules.label)
    }
}
