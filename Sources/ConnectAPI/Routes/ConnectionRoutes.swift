internal import Access
internal import ConnectService
internal import Connections
internal import Encodings
internal import Hummingbird
internal import HummingbirdCore
internal import Integrations
internal import Logging
internal import StateTokens

/// `/api/v1/connections` and the refresh route.
// A class, because the closures that wait for a store hold it: a structure is copied whole for each of them.
final class ConnectionRoutes<Store: ConnectionStore>: Sendable {
    let services: ConnectServices<Store>
    let authenticator: Authenticator
    let gate: ConnectionGate<Store>

    init(_ services: ConnectServices<Store>, authenticator: Authenticator) {
        self.services = services
        self.authenticator = authenticator
        gate = ConnectionGate(services, authenticator: authenticator)
    }

    func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let (principal, workspaceID) = try await authenticator.authorize(
            request, .read, session: .read, context)
        return try await page(of: workspaceID, request.uri.queryParameters, principal, context)
    }

    /// `GET /api/v1/connections/users/{user_id}`: the list of one user's, with all other filters.
    func listOfUser(_ request: Request, _ context: APIContext) async throws -> Response {
        let (principal, workspaceID) = try await authenticator.authorize(request, .read, context)
        let parameters = request.uri.queryParameters
        guard let text = context.parameters.get("user_id"),
            let userID = PercentEncoding.decodeSegment(text)
        else { throw APIError.notFound }
        try authenticator.reject(
            principal.limits?.excludes(userID, by: .users) ?? false ? .users : nil, of: principal,
            context.origin)
        guard parameters["user_id"] == nil else {
            throw RequestValidationError([
                ValidationIssue(
                    loc: [.name("query"), .name("user_id")], msg: "The path names the user",
                    type: "extra_forbidden")
            ])
        }
        var filters = parameters
        filters.append(key: "user_id", value: userID[...])
        return try await page(of: workspaceID, filters, principal, context)
    }

    private func page(
        of workspaceID: String, _ parameters: FlatDictionary<Substring, Substring>,
        _ principal: Principal, _ context: APIContext
    ) async throws -> Response {
        let query = try ConnectionListQuery(parameters).query(in: workspaceID, for: principal)
        let page: ConnectionPage
        do throws(StoreError) {
            page = try await services.store.connections(matching: query)
        } catch .badCursor {
            throw RequestValidationError.badCursor
        } catch {
            throw APIError(error)
        }
        for row in page.unreadable {
            context.logger.error(
                "a stored connection cannot be read, and is left out of the list",
                metadata: [
                    "connection_id": "\(row.id?.description ?? "unknown")", "error": "\(row.fault)",
                ])
        }
        return .json(capacity: 1024 * (page.connections.count + 1)) { answer in
            answer.array("data") { data in
                // An entry is large, and that of one row is as a rule that of the next one.
                var last: ListedIntegration?
                for connection in page.connections {
                    let integration =
                        last?.id == connection.integrationID
                        ? last : ListedIntegration(connection.integrationID, services.integrations)
                    last = integration
                    data.object { members in
                        connection.write(
                            to: &members, comparing: integration?.scope,
                            apiBaseURL: integration?.hasAPI == true
                                ? services.integrations.apiBaseURL(of: connection) : nil)
                    }
                }
            }
            answer.member("next_cursor", page.nextCursor)
        }
    }

    func show(_ request: Request, _ context: APIContext) async throws -> Response {
        let (principal, workspaceID) = try await authenticator.authorize(
            request, .read, session: .read, context)
        let includesCredentials = try request.flag("include_credentials") ?? false
        let id = try connectionID(context)
        if includesCredentials {
            try authenticator.require(.credentials, of: principal, context)
            let open = try await opened(id, workspaceID, isForced: nil, principal, context)
            try gate.checkSecondGrant(of: open, for: principal, context.origin)
            return .json(capacity: 4096) { answer in
                write(open.connection, to: &answer)
                answer.object("credentials") { open.credentials.write(to: &$0) }
            }
        }
        let connection = try await gate.connection(id, workspaceID, for: principal, context)
        return .json(capacity: 1024) { write(connection, to: &$0) }
    }

    /// The last 50 things that happened to a connection, which are there for a while after it is deleted.
    func events(_ request: Request, _ context: APIContext) async throws -> Response {
        let (principal, workspaceID) = try await authenticator.authorize(request, .read, context)
        let id = try connectionID(context)
        try await gate.check(id, workspaceID, for: principal, context)
        do throws(StoreError) {
            guard let events = try await services.store.events(of: id, workspaceID: workspaceID) else {
                throw StoreError.notFound
            }
            return .json(capacity: 128 * (events.count + 1)) { answer in
                answer.array("data") { data in
                    for event in events { data.object { event.write(to: &$0) } }
                }
            }
        } catch {
            throw APIError(error)
        }
    }

    func refresh(_ request: Request, _ context: APIContext) async throws -> Response {
        let (principal, workspaceID) = try await authenticator.authorize(request, .credentials, context)
        let part = try request.grantPart()
        let open = try await opened(
            try connectionID(context), workspaceID, isForced: true, part: part, principal, context)
        let second = open.credentials.second
        return .json { answer in
            answer.member("status", open.connection.status.rawValue)
            answer.member("connection_id", open.connection.id.description)
            answer.member(
                "expires_at", (part == .first ? open.connection.expiresAt : second?.expiresAt)?.rfc3339)
        }
    }

    /// `PATCH` and `PUT`: what is left out stays as it is.
    func change(_ request: Request, _ context: APIContext) async throws -> Response {
        let (principal, workspaceID) = try await authenticator.authorize(request, .admin, context)
        let id = try connectionID(context)
        let body = try await request.octets(upTo: BodyLimit.initiate)
        let edit = try ConnectionEdit.parse(body.span, contentType: request.headers[.contentType])
        try await gate.check(id, workspaceID, for: principal, context)
        if let userID = edit.userID, principal.limits?.excludes(userID, by: .users) ?? false {
            try authenticator.reject(.users, of: principal, context.origin)
        }
        try services.audit.admit(lineCount: 1)
        defer { services.audit.release(lineCount: 1) }
        do throws(ChangeConnectionError) {
            let changed = try await services.change.change(
                id, workspaceID: workspaceID, by: edit, credentialID: principal.credentialID)
            return .json(capacity: 1024) { write(changed, to: &$0) }
        } catch .fixedParameter(let name) {
            throw RequestValidationError([
                ValidationIssue(
                    loc: [.name("body"), .name("config"), .name(name)],
                    msg:
                        "This value stands in the integration's URLs. Another one is another connection: begin a "
                        + "flow for it.", type: "invalid_params")
            ])
        } catch .store(let error) {
            throw APIError(error)
        }
    }

    func delete(_ request: Request, _ context: APIContext) async throws -> Response {
        let (principal, workspaceID) = try await authenticator.authorize(
            request, .admin, session: .admin, context)
        let revokes = try request.flag("revoke") ?? true
        let id = try connectionID(context)
        try await gate.check(id, workspaceID, for: principal, context)
        try services.audit.admit(lineCount: 1)
        defer { services.audit.release(lineCount: 1) }
        do throws(StoreError) {
            let done = try await services.disconnect.end(
                id, workspaceID: workspaceID, revokes: revokes, credentialID: principal.credentialID)
            guard let done else { throw StoreError.notFound }
            let visible = await gate.visible(done.others, workspaceID, to: principal)
            return .json { answer in
                answer.member("id", id.description)
                answer.member("revoked", done.revocation == .revoked)
                answer.member("revocation", done.revocation.rawValue)
                answer.array("others") { others in for id in visible { others.element(id.description) } }
            }
        } catch {
            throw APIError(error)
        }
    }

    /// Opens a connection's credentials; that somebody has seen them is recorded.
    ///
    /// - Parameters:
    ///   - isForced: whether to refresh even if it is not due; `nil` shows what is stored.
    ///   - part: which grant is to be good.
    func opened(
        _ id: ConnectionID, _ workspaceID: String, isForced: Bool?, part: GrantPart = .first,
        _ principal: Principal, _ context: APIContext
    ) async throws(APIError) -> OpenConnection {
        try await gate.checkToken(of: id, workspaceID, for: principal, context)
        // Of a refresh, and of what is handed out.
        try services.audit.admit(lineCount: 2)
        defer { services.audit.release(lineCount: 2) }
        var event: AuditEvent
        let result: Result<OpenConnection, AccessTokenError>
        do throws(AccessTokenError) {
            let open =
                if let isForced {
                    try await services.accessTokens.current(
                        id, workspaceID: workspaceID, isForced: isForced, part: part,
                        credentialID: principal.credentialID)
                } else {
                    try await services.accessTokens.read(id, workspaceID)
                }
            event = handedOut(open, to: principal, in: workspaceID, context.origin)
            result = .success(open)
        } catch {
            event = AuditEvent(
                .credentials, error.isRejection ? .refused : .failed,
                reason: error.auditReason, by: principal, in: workspaceID, context.origin)
            result = .failure(error)
        }
        event.connectionID = id
        if part == .second { event.detail = "second grant" }
        services.audit.record(event)
        do throws(AccessTokenError) {
            return try result.get()
        } catch {
            throw APIError(error)
        }
    }

    /// Notes that credentials are handed out, and makes the line that says so.
    func handedOut(
        _ open: OpenConnection, to principal: Principal, in workspaceID: String, _ origin: RequestOrigin
    ) -> AuditEvent {
        services.accessTokens.noteRead(open)
        var event = AuditEvent(.credentials, .success, by: principal, in: workspaceID, origin)
        event.integrationID = open.connection.integrationID
        event.userID = open.connection.userID
        event.connectionID = open.connection.id
        return event
    }

    private func write(_ connection: Connection, to answer: inout JSONOutput.Members) {
        connection.write(
            to: &answer, comparing: rules(of: connection),
            apiBaseURL: services.integrations.apiBaseURL(of: connection))
    }

    func rules(of connection: Connection) -> ScopeRules? {
        services.integrations.integration(connection.integrationID)?.scope
    }

    /// An id that is none is one that no workspace has.
    func connectionID(_ context: APIContext) throws(APIError) -> ConnectionID {
        guard let text = context.parameters.get("id"), let id = ConnectionID(text) else {
            throw .connectionNotFound
        }
        return id
    }
}

/// What a list needs to know of an integration.
private struct ListedIntegration {
    let id: String
    /// `nil` where the integration is not known.
    let scope: ScopeRules?
    let hasAPI: Bool

    init(_ id: String, _ integrations: IntegrationRegistry) {
        let integration = integrations.integration(id)
        self.id = id
        scope = integration?.scope
        hasAPI = integration?.api != nil
    }
}

extension AccessTokenError {
    /// The caller asked for what is not there, or the provider said no.
    fileprivate var isRejection: Bool {
        self == .notFound || self == .grantNotFound || self == .reconnectRequired
    }
}

extension Request {
    /// Which of a connection's grants is meant: `grant=user` is the second.
    func grantPart() throws(RequestValidationError) -> GrantPart {
        switch uri.queryParameters["grant"] {
        case nil: return .first
        case "user": return .second
        default:
            throw RequestValidationError([
                ValidationIssue(
                    loc: [.name("query"), .name("grant")], msg: "Input should be 'user'", type: "enum")
            ])
        }
    }
}
