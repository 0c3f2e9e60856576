package import Encodings
package import StateTokens

extension Session {
    /// What a page has to know before it offers anything.
    func writeLimits(to answer: inout JSONOutput.Members) {
        answer.member("read", mayRead)
        answer.member("disconnect", mayDisconnect)
        answer.member("connection_id", connectionID)
        answer.member("expires_at", expiresAt.rfc3339)
    }

    /// The members of a connect session: all that its token carries, of which nothing is secret.
    package func write(to answer: inout JSONOutput.Members) {
        answer.member("issued_at", issuedAt.rfc3339)
        answer.member("expires_at", expiresAt.rfc3339)
        answer.member("lifetime", Int(lifetime.components.seconds))
        answer.member("credential_id", maker.id)
        answer.member("workspace_id", workspaceID)
        answer.member("user_id", userID)
        answer.member("user_label", userLabel)
        answer.array("integrations") { elements in for id in integrationIDs { elements.element(id) } }
        answer.array("scopes") { elements in for scope in scopes { elements.element(scope) } }
        answer.object("params") { members in
            for (name, value) in parameters.sorted(by: { $0.key < $1.key }) { members.member(name, value) }
        }
        answer.member("redirect_uri", redirectURI)
        answer.object("tags") { members in
            for (name, value) in tags.sorted(by: { $0.key < $1.key }) { members.member(name, value) }
        }
        answer.member("label", label)
        answer.member("connection_id", connectionID)
        answer.array("origins") { elements in for origin in origins { elements.element(origin) } }
        answer.member("read", mayRead)
        answer.member("disconnect", mayDisconnect)
    }
}
