internal import ConnectService
package import Connections
package import Encodings
package import Integrations
package import StateTokens

extension Connection {
    /// The members of a connection, without its credentials.
    ///
    /// - Parameters:
    ///   - scopes: how the integration's scopes are compared; `nil` where it is not known.
    ///   - apiBaseURL: where the app finds the provider's API.
    ///   - now: the moment that its status is told for.
    package func write(
        to answer: inout JSONOutput.Members, comparing scopes: ScopeRules? = nil, apiBaseURL: String? = nil,
        at now: Timestamp = .now()
    ) {
        write(to: &answer, scopesMissing: scopesMissing(scopes), at: now)
        answer.member("api_base_url", apiBaseURL)
    }
}

extension Connection {
    /// What was asked for and not granted.
    func scopesMissing(_ rules: ScopeRules?) -> [String] {
        ScopeRules.missing(requested: scopesRequested, granted: scopesGranted, under: rules)
    }
}

extension ConnectionEvent {
    package func write(to answer: inout JSONOutput.Members) {
        answer.member("type", type)
        answer.member("at", at.rfc3339)
        answer.member("detail", detail)
        answer.member("actor", actor)
    }
}

extension Credentials {
    package func write(to answer: inout JSONOutput.Members) {
        answer.member("access_token", accessToken)
        answer.member("refresh_token", refreshToken)
        answer.member("token_type", tokenType)
        answer.member("expires_at", expiresAt?.rfc3339)
        answer.member("scope", scope)
        answer.member("id_token", idToken)
        answer.member("raw", json: raw)
        if let second {
            answer.object("second_grant") { members in
                second.writeToken(to: &members)
                members.member("refresh_token", second.refreshToken)
            }
        }
    }
}

extension SecondCredentials {
    func writeToken(to answer: inout JSONOutput.Members) {
        answer.member("access_token", accessToken)
        answer.member("token_type", tokenType)
        answer.member("expires_at", expiresAt?.rfc3339)
        answer.member("scope", scope)
    }
}
