package import Access
package import ConnectService
internal import Encodings
internal import HTTPTypes
internal import Hummingbird
internal import OAuthHTTP
package import StateTokens

/// Finds out who a request comes from: `Authorization: Bearer KEY_OR_JWT` or `X-API-Key: KEY`; of a browser with a connect
/// session, `Authorization: Bearer SESSION`, at the routes that take one.
package struct Authenticator: Sendable {
    private let keys: LiveAPIKeys
    private let tokens: TokenAuthentication?
    private let sessions: SessionVerifier?
    private let limits: RequestLimits
    private let audit: AuditLog
    private let now: @Sendable () -> Timestamp

    package init(
        _ keys: LiveAPIKeys, tokens: TokenAuthentication? = nil, sessions: SessionVerifier? = nil,
        limits: RequestLimits = RequestLimits(), audit: AuditLog,
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.keys = keys
        self.tokens = tokens
        self.sessions = sessions
        self.limits = limits
        self.audit = audit
        self.now = now
    }

    /// The caller, who has `permission`, and the workspace that the request is about.
    ///
    /// - Parameter session: what the holder of a connect session needs instead; `nil`: a session is refused.
    func authorize(
        _ request: Request, _ permission: Permission, session: Permission? = nil, _ context: APIContext
    ) async throws(APIError) -> (principal: Principal, workspaceID: String) {
        let header = CallerHeader(request)
        let principal = try await authenticate(header, permission, session: session, context.origin)
        return (principal, try workspaceID(of: principal, header, context.origin))
    }

    /// The same as ``authorize(_:_:session:_:)``, where nothing has to be waited for; `nil`, and nothing done, where something has.
    func authorizeAtOnce(
        _ header: CallerHeader, _ permission: Permission, _ origin: RequestOrigin
    ) throws(APIError) -> (principal: Principal, workspaceID: String)? {
        let principal: Principal
        do throws(AccessError) {
            guard header.hasProperAuditContext else { throw .invalidAuditContext }
            guard case .apiKey(let key) = try credential(in: header) else { return nil }
            principal = try self.principal(forKey: key, origin)
        } catch {
            throw refuse(error, nil, origin)
        }
        try admit(principal, permission, session: nil, origin)
        return (principal, try workspaceID(of: principal, header, origin))
    }

    /// The caller, who has `permission`, whatever the workspace.
    func authenticate(
        _ request: Request, _ permission: Permission, _ context: APIContext
    ) async throws(APIError) -> Principal {
        try await authenticate(CallerHeader(request), permission, session: nil, context.origin)
    }

    /// The caller, who has one of these permissions; a rejection names the first of them. Sessions are rejected.
    func authenticate(
        _ request: Request, anyOf permissions: [Permission], _ context: APIContext
    ) async throws(APIError) -> Principal {
        let principal = try await identify(CallerHeader(request), context.origin)
        let own = permissions.first { principal.permissions.contains($0) }
        try admit(principal, own ?? permissions[0], session: nil, context.origin)
        return principal
    }

    /// The workspace that the caller names in a request's body, else the one that the request is about.
    func workspaceID(
        named name: String?, of principal: Principal, _ request: Request, _ context: APIContext
    ) throws(APIError) -> String {
        do throws(AccessError) {
            if let name { return try principal.workspaceID(choosing: name) }
        } catch {
            throw refuse(error, principal, context.origin)
        }
        return try workspaceID(of: principal, CallerHeader(request), context.origin)
    }

    /// The connect session that a request shows, not yet whether it is good for anything.
    func sessionText(in request: Request) -> String? {
        do throws(AccessError) {
            guard case .session(let text, _) = try credential(in: CallerHeader(request)) else { return nil }
            return text
        } catch {
            return nil
        }
    }

    private func authenticate(
        _ header: CallerHeader, _ permission: Permission, session: Permission?, _ origin: RequestOrigin
    ) async throws(APIError) -> Principal {
        let principal = try await identify(header, origin)
        try admit(principal, permission, session: session, origin)
        return principal
    }

    private func identify(
        _ header: CallerHeader, _ origin: RequestOrigin
    ) async throws(APIError) -> Principal {
        do throws(AccessError) {
            guard header.hasProperAuditContext else { throw .invalidAuditContext }
            switch try credential(in: header) {
            case .apiKey(let key): return try principal(forKey: key, origin)
            case .token(let text, let tokens): return try await tokens.principal(for: text, at: now())
            case .session(let text, let sessions):
                return try await principal(forSession: text, sessions, header)
            }
        } catch {
            throw refuse(error, nil, origin)
        }
    }

    /// One more permission, which only some requests of a route need.
    func require(
        _ permission: Permission, of principal: Principal, _ context: APIContext
    ) throws(APIError) {
        try require(permission, of: principal, context.origin)
    }

    /// Rejects what is beyond a limit of the caller's.
    ///
    /// - Parameter limit: the limit; `nil`: it is beyond none.
    func reject(
        _ limit: AccessLimits.Limit?, of principal: Principal, _ origin: RequestOrigin
    ) throws(APIError) {
        guard let limit else { return }
        throw refuse(principal.session == nil ? .limited(limit) : .sessionForbids, principal, origin)
    }

    private func admit(
        _ principal: Principal, _ permission: Permission, session: Permission?, _ origin: RequestOrigin
    ) throws(APIError) {
        if let wait = limits.wait(forCredential: principal.bucketID) { throw .rateLimited(wait) }
        guard principal.session != nil else { return try require(permission, of: principal, origin) }
        guard let session else { throw refuse(.sessionForbids, principal, origin) }
        try require(session, of: principal, origin)
    }

    private func require(
        _ permission: Permission, of principal: Principal, _ origin: RequestOrigin
    ) throws(APIError) {
        do throws(AccessError) {
            try principal.require(permission)
        } catch {
            throw refuse(error, principal, origin)
        }
    }

    private func workspaceID(
        of principal: Principal, _ header: CallerHeader, _ origin: RequestOrigin
    ) throws(APIError) -> String {
        do throws(AccessError) {
            let chosen = header.workspaceID
            return try principal.workspaceID(choosing: chosen.flatMap { $0.isEmpty ? nil : $0 })
        } catch {
            throw refuse(error, principal, origin)
        }
    }

    private func refuse(_ error: AccessError, _ principal: Principal?, _ origin: RequestOrigin) -> APIError {
        let answer = APIError(error)
        var event = AuditEvent(.access, .refused, reason: answer.code)
        event.credentialID = principal?.credentialID
        switch error {
        case .addressDenied(let id), .auditContextRequired(let id): event.credentialID = id
        default: break
        }
        event.userID = principal?.userID
        event.come(from: origin)
        if error.isFromStranger, let wait = limits.wait(afterFailureFrom: origin.address) {
            // Not written down each time: a flood of guesses must not fill the disk.
            audit.countOnly(event)
            return .rateLimited(wait)
        }
        audit.record(event)
        return answer
    }

    private enum Credential {
        case apiKey(String)
        case token(String, TokenAuthentication)
        case session(String, SessionVerifier)
    }

    /// What a request shows, not yet whether it is good for anything.
    private func credential(in header: CallerHeader) throws(AccessError) -> Credential {
        var shown = header.apiKeys
        for value in header.authorization {
            guard let token = Self.bearerToken(value) else { throw .invalidCredential }
            shown.append(token)
        }
        guard let text = shown.first else { throw .invalidCredential }
        guard shown.dropFirst().allSatisfy({ $0.utf8.elementsEqual(text.utf8) }) else {
            throw .conflictingCredentials
        }
        guard !text.isEmpty else { throw .invalidCredential }
        if header.apiKeys.isEmpty, let tokens, TokenAuthentication.isToken(text) {
            return .token(text, tokens)
        }
        if header.apiKeys.isEmpty, let sessions, SessionCodec.isToken(text) {
            return .session(text, sessions)
        }
        return .apiKey(text)
    }

    private func principal(
        forKey key: String, _ origin: RequestOrigin
    ) throws(AccessError) -> Principal {
        try keys.table.principal(
            for: key, from: origin.address, auditContext: origin.auditContext, at: now())
    }

    /// The holder of a connect session, as far as the credential that made it still stands.
    private func principal(
        forSession text: String, _ sessions: SessionVerifier, _ header: CallerHeader
    ) async throws(AccessError) -> Principal {
        let session: Session
        do throws(SessionVerificationError) {
            session = try await sessions.verify(text)
        } catch {
            throw error == .ended ? .sessionEnded : .invalidCredential
        }
        if let origin = header.origin, !sessions.allows(origin, host: header.host, for: session) {
            throw .sessionFromElsewhere
        }
        switch session.maker {
        case .apiKey(let id): return try keys.table.principal(for: session, madeBy: id, at: now())
        case .token:
            guard let tokens else { throw .sessionEnded }
            return tokens.principal(for: session)
        }
    }

    /// RFC 6750 §2.1; the scheme's case does not matter.
    private static func bearerToken(_ value: String) -> String? {
        let octets = value.utf8.drop { $0 == .space }
        let scheme = octets.prefix { $0 != .space }
        let token = octets[scheme.endIndex...].drop { $0 == .space }
        guard !token.isEmpty, String(Substring(scheme)).isField("bearer") else { return nil }
        return String(Substring(token))
    }
}

extension HTTPField.Name {
    static let apiKey = known("X-API-Key")
    static let workspaceID = known("X-Workspace-Id")
    static let secPurpose = known("Sec-Purpose")
    static let secFetchSite = known("Sec-Fetch-Site")
    static let idempotencyKey = known("Idempotency-Key")
    static let forwardedFor = known("X-Forwarded-For")
    static let forwarded = known("Forwarded")
    static let purpose = known("Purpose")
    static let requestID = known("X-Request-Id")
    static let referrerPolicy = known("Referrer-Policy")

    private static func known(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no header name") }
        return name
    }
}
