internal import Access
internal import ConnectService
internal import HTTPTypes

extension APIError {
    /// - Parameter limit: what the session limits.
    static func sessionForbids(_ limit: SessionLimit) -> APIError {
        APIError(
            .forbidden, "session_forbids",
            "The connect session does not allow this `\(limit.rawValue)`. The app's server chose what it allows."
        )
    }

    init(_ error: AccessError) {
        switch error {
        case .invalidCredential:
            self.init(
                .unauthorized, "invalid_credential",
                "Send a valid credential: `Authorization: Bearer KEY_OR_JWT` or `X-API-Key: sym_…`.",
                headers: [.wwwAuthenticate: "Bearer realm=\"symbolon\""])
        case .addressDenied:
            self.init(
                .forbidden, "address_denied",
                "The credential may not be used from this address. Use it from one that it is for.")
        case .auditContextRequired:
            self.init(
                .badRequest, "audit_context_required",
                "The credential is for requests that say what they are for. Say it in the header X-Audit-Context."
            )
        case .invalidAuditContext:
            self.init(
                .badRequest, "invalid_audit_context",
                "X-Audit-Context has 1 to 256 characters of ASCII: letters, digits, punctuation and spaces.")
        case .sessionEnded:
            self.init(
                .unauthorized, "session_ended",
                "The connect session is over. Ask the app for a new one.",
                headers: [.wwwAuthenticate: "Bearer realm=\"symbolon\", error=\"invalid_token\""])
        case .sessionForbids:
            self.init(
                .forbidden, "session_forbids",
                "The connect session was not made for this. The app's server can do it with its own credential."
            )
        case .sessionFromElsewhere:
            self.init(
                .forbidden, "origin_not_allowed",
                "The connect session is not for pages of this origin. List it among the workspace's and the session's "
                    + "origins.")
        case .conflictingCredentials:
            self.init(
                .badRequest, "conflicting_credentials",
                "Authorization and X-API-Key name two different credentials. Send one.")
        case .permissionDenied(let permission):
            self.init(
                .forbidden, "permission_denied",
                "The credential lacks the permission `\(permission.rawValue)`. Use one that has it.")
        case .limited(.integrations):
            self.init(
                .forbidden, "integration_denied",
                "The credential is for some integrations only, and this is about another. `symbolon api-keys list` shows which."
            )
        case .limited(.connections):
            self.init(
                .forbidden, "connection_denied",
                "The credential is for some connections only, and this is about another. `symbolon api-keys list` shows which."
            )
        case .limited(.users):
            self.init(
                .forbidden, "user_denied",
                "The credential is for some users only, and this is about another. `symbolon api-keys list` shows which."
            )
        case .limited(.scopes):
            self.init(
                .forbidden, "scope_denied",
                "The credential is for some scopes only, and this needs more. `symbolon api-keys list` shows which."
            )
        case .workspaceDenied:
            self.init(
                .forbidden, "workspace_denied",
                "The credential does not open this workspace. Leave X-Workspace-Id out, or use another credential."
            )
        case .workspaceRequired:
            self.init(
                .badRequest, "workspace_required",
                "The credential opens several workspaces. Choose one with the header X-Workspace-Id.")
        }
    }
}
