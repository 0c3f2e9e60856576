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
    ///   - now: the moment that its status is told for.
    package func write(
        to answer: inout JSONOutput.Members, comparing scopes: ScopeRules? = nil, at now: Timestamp = .now()
    ) {
        answer.member("id", id.description)
        answer.member("workspace_id", workspaceID)
        answer.member("user_id", userID)
        answer.member("integration", integrationID)
        answer.member("integration_type", integrationType)
        answer.member("auth_method_id", authMethodID)
        answer.member("label", label)
        answer.object("tags") { members in
            for (name, value) in tags.sorted(by: { $0.key < $1.key }) { members.member(name, value) }
        }
        answer.member("status", status(at: now).rawValue)
        answer.member("status_reason", statusReason(at: now))
        answer.array("scopes_requested") { scopes in for scope in scopesRequested { scopes.element(scope) } }
        answer.array("scopes_granted") { scopes in for scope in scopesGranted { scopes.element(scope) } }
        answer.array("scopes_missing") { missing in
            for scope in scopesMissing(scopes) { missing.element(scope) }
        }
        answer.object("config") { members in
            for (name, value) in config.sorted(by: { $0.key < $1.key }) { members.member(name, value) }
        }
        if let account {
            answer.object("account") { members in
                members.member("id", account.id)
                members.member("label", account.label)
            }
        } else {
            answer.null("account")
        }
        answer.member("binding", binding.rawValue)
        answer.member("flow_id", flowID.description)
        answer.member("revision", Int(revision))
        answer.member("created_at", createdAt.rfc3339)
        answer.member("updated_at", updatedAt.rfc3339)
        answer.member("expires_at", expiresAt?.rfc3339)
        answer.member("reauthorize_by", reauthorizeBy?.rfc3339)
        answer.member("last_refreshed_at", lastRefreshedAt?.rfc3339)
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
    }
}
