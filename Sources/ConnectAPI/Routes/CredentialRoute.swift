internal import Access
internal import Encodings
internal import Hummingbird
internal import StateTokens

/// `GET /api/v1/credential`: what the credential that asks may do, so that a program or a page need not find out by being
/// rejected. Every credential may ask; connect sessions may not.
struct CredentialRoute: Sendable {
    private let authenticator: Authenticator

    init(_ authenticator: Authenticator) { self.authenticator = authenticator }

    func show(_ request: Request, _ context: APIContext) async throws -> Response {
        let principal = try await authenticator.authenticate(
            request, anyOf: Permission.allCases, context)
        return .json { answer in
            answer.member("id", principal.credentialID)
            answer.member("type", principal.kind == .token ? "token" : "api_key")
            answer.array("permissions") { names in
                for permission in Permission.allCases where principal.permissions.contains(permission) {
                    names.element(permission.rawValue)
                }
            }
            answer.array("workspaces") { ids in for id in principal.workspaceIDs { ids.element(id) } }
            answer.member("user_id", principal.userID)
            answer.member("expires_at", principal.expiresAt?.rfc3339)
            answer.object("limits") { limits in
                for limit in AccessLimits.Limit.allCases {
                    guard let names = principal.limits?[limit], !names.isEmpty else {
                        limits.null(limit.rawValue)
                        continue
                    }
                    limits.array(limit.rawValue) { list in for name in names { list.element(name) } }
                }
            }
            if principal.requiresAuditContext {
                answer.member("audit_context", "required")
            } else {
                answer.null("audit_context")
            }
        }
    }
}
