package import ConnectService
internal import HTTPTypes
internal import Hummingbird
internal import OAuthHTTP
package import StateTokens

/// Finds out who a request comes from: `Authorization: Bearer KEY_OR_JWT` or `X-API-Key: KEY`.
package struct Authenticator: Sendable {
    private let keys: LiveAPIKeys
    private let tokens: TokenAuthentication?
    private let limits: RequestLimits
    private let audit: AuditLog
    private let now: @Sendable () -> Timestamp

    package init(
        _ keys: LiveAPIKeys, tokens: TokenAuthentication? = nil, limits: RequestLimits = RequestLimits(),
        audit: AuditLog,
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.keys = keys
        self.tokens = tokens
        self.limits = limits
        self.audit = audit
        self.now = now
    }

    /// The caller, who has `permission`, and the workspace that the request is about.
    func authorize(
        _ request: Request, _ permission: Permission, _ context: APIContext
    ) async throws(APIError) -> (principal: Principal, workspaceID: String) {
        let principal = try await authenticate(request, permission, context)
        do throws(AccessError) {
            let chosen = request.headers[.workspaceID]
            let workspaceID = try principal.workspaceID(choosing: chosen.flatMap { $0.isEmpty ? nil : $0 })
            return (principal, workspaceID)
        } catch {
            throw refuse(error, principal, context)
        }
    }

    /// The caller, who has `permission`, whatever the workspace.
    func authenticate(
        _ request: Request, _ permission: Permission, _ context: APIContext
    ) async throws(APIError) -> Principal {
        let principal: Principal
        do throws(AccessError) {
            principal = try await self.principal(of: request, context)
        } catch {
            throw refuse(error, nil, context)
        }
        if let wait = limits.wait(forCredential: principal.credentialID) { throw .rateLimited(wait) }
        try require(permission, of: principal, context)
        return principal
    }

    /// One more permission, which only some requests of a route need.
    func require(
        _ permission: Permission, of principal: Principal, _ context: APIContext
    ) throws(APIError) {
        do throws(AccessError) {
            try principal.require(permission)
        } catch {
            throw refuse(error, principal, context)
        }
    }

    private func refuse(_ error: AccessError, _ principal: Principal?, _ context: APIContext) -> APIError {
        let isUnknown = error == .invalidCredential
        if isUnknown, let wait = limits.wait(afterFailureFrom: context.clientAddress) {
            // Not written down each time: whoever floods us is not to fill the disk, too.
            return .rateLimited(wait)
        }
        let answer = APIError(error)
        var event = AuditEvent(.access, .refused, reason: answer.code)
        event.credentialID = principal?.credentialID
        if case .addressDenied(let id) = error { event.credentialID = id }
        event.userID = principal?.userID
        event.come(with: context)
        audit.record(event)
        return answer
    }

    private func principal(
        of request: Request, _ context: APIContext
    ) async throws(AccessError) -> Principal {
        let bearer = request.headers[values: .authorization].map(Self.bearerToken)
        let apiKeys = request.headers[values: .apiKey]
        guard !bearer.contains(nil) else { throw .invalidCredential }
        let given = Set(bearer.compactMap { $0 } + apiKeys)
        guard given.count <= 1 else { throw .conflictingCredentials }
        guard let text = given.first, !text.isEmpty else { throw .invalidCredential }
        if apiKeys.isEmpty, let tokens, TokenAuthentication.isToken(text) {
            return try await tokens.principal(for: text, at: now())
        }
        return try keys.table.principal(for: text, from: context.clientAddress, at: now())
    }

    /// RFC 6750 §2.1; the scheme's case does not matter.
    private static func bearerToken(_ value: String) -> String? {
        let parts = value.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return parts[1].drop { $0 == " " }.isEmpty ? nil : String(parts[1].drop { $0 == " " })
    }
}

extension HTTPField.Name {
    static let apiKey = known("X-API-Key")
    static let workspaceID = known("X-Workspace-Id")
    static let secPurpose = known("Sec-Purpose")
    static let forwardedFor = known("X-Forwarded-For")
    static let purpose = known("Purpose")
    static let referrerPolicy = known("Referrer-Policy")

    private static func known(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no header name") }
        return name
    }
}
