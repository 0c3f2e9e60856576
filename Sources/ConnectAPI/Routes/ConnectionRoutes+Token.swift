internal import Access
internal import ConnectService
internal import Connections
internal import Encodings
internal import Hummingbird
internal import Integrations
internal import StateTokens

/// `GET /api/v1/connections/{id}/token`.
extension ConnectionRoutes {
    func token(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller: (principal: Principal, workspaceID: String)
        if let admitted = context.caller {
            caller = admitted
        } else {
            caller = try await authenticator.authorize(request, .credentials, context)
        }
        let part = try request.grantPart()
        let open = try await opened(
            try connectionID(context), caller.workspaceID, isForced: false, part: part, caller.principal,
            context)
        guard part == .second else { return answer(open).response }
        guard let second = open.credentials.second else { throw APIError(AccessTokenError.grantNotFound) }
        try gate.checkSecondGrant(of: open, for: caller.principal, context.origin)
        return answer(second, of: open.connection).response
    }

    private func answer(_ second: SecondCredentials, of connection: Connection) -> CompleteResponse {
        CompleteResponse.json(
            octets: JSONOutput.object(capacity: 512) { answer in
                second.writeToken(to: &answer)
                answer.array("scopes_missing") { missing in
                    let scopes = rules(of: connection)?.missing(
                        fromSecondList: second.scope, requested: connection.scopesRequested)
                    for scope in scopes ?? [] { missing.element(scope) }
                }
            })
    }

    /// The answer to a request that was admitted, if the token is there and good for a while. Where the store has to be
    /// waited for, it comes later.
    ///
    /// Its audit line may be held back until the log is flushed, which comes before the answer is sent.
    ///
    /// - Parameter rejection: the answer that an error of a later answer becomes.
    func tokenAtOnce(
        _ target: String, _ header: CallerHeader, _ origin: RequestOrigin,
        _ rejection: @escaping @Sendable (APIError) -> CompleteResponse
    ) throws(APIError) -> ImmediateResponse {
        // A page's request may have to be answered as a connect session's origin asks.
        guard header.origin == nil, let id = TokenPath.id(in: target),
            let caller = try authenticator.authorizeAtOnce(header, .credentials, origin)
        else {
            return .handOver(AdmittedRequest(target: target, origin: origin))
        }
        try services.audit.admit(lineCount: 1)
        let request = AdmittedRequest(target: target, origin: origin, caller: caller)
        if let open = services.accessTokens.currentAtOnce(id, workspaceID: caller.workspaceID) {
            defer { services.audit.release(lineCount: 1) }
            return .answer(try answer(open, to: caller, origin))
        }
        return .later(
            DeferredResponse { [self] finish in
                let isReading = services.accessTokens.read(id, workspaceID: caller.workspaceID) {
                    [self] sealed, span in
                    finish { [self] in
                        defer { services.audit.release(lineCount: 1) }
                        guard
                            let open = sealed.flatMap({
                                services.accessTokens.currentAtOnce($0, span)
                            })
                        else {
                            return .handOver(request)
                        }
                        do throws(APIError) {
                            return .answer(try answer(open, to: caller, origin))
                        } catch {
                            return .answer(rejection(error))
                        }
                    }
                }
                if !isReading { services.audit.release(lineCount: 1) }
                return isReading ? nil : .handOver(request)
            })
    }

    private func answer(
        _ open: OpenConnection, to caller: (principal: Principal, workspaceID: String),
        _ origin: RequestOrigin
    ) throws(APIError) -> CompleteResponse {
        try gate.checkToken(of: open.connection, for: caller.principal, origin)
        services.audit.holdingBack.record(
            handedOut(open, to: caller.principal, in: caller.workspaceID, origin))
        return answer(open)
    }

    private func answer(_ open: OpenConnection) -> CompleteResponse {
        let credentials = open.credentials
        let capacity = credentials.accessToken.utf8.count + (credentials.scope?.utf8.count ?? 0) + 256
        return CompleteResponse.json(
            octets: JSONOutput.object(capacity: capacity) { answer in
                answer.member("access_token", credentials.accessToken)
                answer.member("token_type", credentials.tokenType)
                answer.member("expires_at", credentials.expiresAt?.rfc3339)
                answer.member("scope", credentials.scope)
                answer.array("scopes_missing") { missing in
                    // As a rule all was granted, whatever the integration's rules.
                    guard open.connection.scopesRequested != open.connection.scopesGranted else { return }
                    for scope in open.connection.scopesMissing(rules(of: open.connection)) {
                        missing.element(scope)
                    }
                }
            })
    }
}

/// The path of a connection's token.
enum TokenPath {
    static let route = "\(prefix){id}\(suffix)"
    private static let prefix = "/api/v1/connections/"
    private static let suffix = "/token"

    /// Whether it may be one, in its plain form: no query, and no escapes.
    static func isLike(_ target: String) -> Bool {
        target.utf8.count > prefix.utf8.count + suffix.utf8.count && target.hasPrefix(prefix)
            && target.hasSuffix(suffix)
    }

    /// - Returns: `nil` for what is no id, which only the router may read.
    static func id(in target: String) -> ConnectionID? {
        ConnectionID(
            String(Substring(target.utf8.dropFirst(prefix.utf8.count).dropLast(suffix.utf8.count))))
    }
}
