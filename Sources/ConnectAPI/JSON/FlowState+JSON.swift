package import Encodings
package import StateTokens

extension FlowState {
    /// The members of a state that people may see: of the code verifier and the binding, only whether they are there.
    package func write(to answer: inout JSONOutput.Members) {
        answer.member("issued_at", issuedAt.rfc3339)
        answer.member("expires_at", expiresAt.rfc3339)
        answer.member("lifetime", Int(lifetime.components.seconds))
        answer.member("integration_id", integrationID)
        answer.member("fingerprint", fingerprintText)
        answer.member("auth_method_id", authMethodID)
        answer.member("workspace_id", workspaceID)
        answer.member("user_id", userID)
        answer.array("scopes") { elements in
            for scope in scopes { elements.element(scope) }
        }
        answer.member("redirect_uri", redirectURI)
        answer.member("pkce", codeVerifier != nil)
        answer.member("binding", binding != nil)
        answer.object("params") { members in
            for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
                members.member(name, value)
            }
        }
        answer.member("connection_id", connectionID)
        answer.member("new", newConnection)
        answer.member("app_state", appState)
        answer.member("label", label)
        answer.object("tags") { members in
            for (name, value) in tags.sorted(by: { $0.key < $1.key }) { members.member(name, value) }
        }
        answer.member("screen", screen)
        answer.member("user_label", userLabel)
        answer.member("trace_id", traceText)
    }

    /// The fingerprint in 8 hexadecimal digits, as logs show it.
    package var fingerprintText: String { KeyID(rawValue: fingerprint).description }

    /// The trace id in 32 hexadecimal digits, as W3C Trace Context writes it.
    package var traceText: String? {
        traceID.map { Hexadecimal.encode($0.octets.span) }
    }
}
