package import Encodings
package import StateTokens

extension Connection {
    /// The members of a connection, without its credentials.
    ///
    /// - Parameters:
    ///   - scopesMissing: what was asked for and not granted; `nil` leaves the member out.
    ///   - now: the moment that its status is told for.
    package func write(
        to answer: inout JSONOutput.Members, scopesMissing: [String]?, at now: Timestamp
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
        if let scopesMissing {
            answer.array("scopes_missing") { missing in
                for scope in scopesMissing { missing.element(scope) }
            }
        }
        answer.object("config") { members in
            for (name, value) in config.sorted(by: { $0.key < $1.key }) { members.member(name, value) }
        }
        if account != nil || !isAccountCompared {
            answer.object("account") { members in
                members.member("id", account?.id)
                members.member("label", account?.label)
                if !isAccountCompared { members.member("compared", false) }
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
