import ConnectAPI
import StateTokens

extension StateInspection {
    /// The report for programs.
    var json: [UInt8] {
        JSONOutput.object(capacity: 1024) { members in
            members.member("verdict", verdict.rawValue)
            members.member("explanation", explanation)
            members.member("characters", characterCount)
            members.member("octets", optional: sealed?.byteCount)
            members.member("record_octets", optional: sealed?.recordByteCount)
            members.member("flow_id", sealed?.flowID.description)
            members.member("key_id", sealed?.keyID.description)
            members.member("key_state", keyState?.rawValue)
            members.member("tag_holds", optional: tagHolds)
            guard let contents else { return members.null("state") }
            members.object("state") { $0.contents(of: contents.state) }
        }
    }
}

extension JSONOutput.Members {
    fileprivate mutating func contents(of state: FlowState) {
        member("issued_at", state.issuedAt.rfc3339)
        member("expires_at", state.expiresAt.rfc3339)
        member("lifetime", Int(state.lifetime.components.seconds))
        member("integration_id", state.integrationID)
        member("fingerprint", state.fingerprintText)
        member("auth_method_id", state.authMethodID)
        member("workspace_id", state.workspaceID)
        member("user_id", state.userID)
        array("scopes") { elements in
            for scope in state.scopes { elements.element(scope) }
        }
        member("redirect_uri", state.redirectURI)
        member("pkce", state.codeVerifier != nil)
        member("binding", state.binding != nil)
        object("params") { parameters in
            for (name, value) in state.parameters.sorted(by: { $0.key < $1.key }) {
                parameters.member(name, value)
            }
        }
        member("connection_id", state.connectionID)
        member("app_state", state.appState)
        member("trace_id", state.traceText)
    }

    fileprivate mutating func member(_ name: String, optional value: Int?) {
        if let value { member(name, value) } else { null(name) }
    }

    fileprivate mutating func member(_ name: String, optional value: Bool?) {
        if let value { member(name, value) } else { null(name) }
    }
}
