internal import Access
internal import ConnectService
internal import Connections
internal import Encodings
internal import Hummingbird
internal import Integrations
internal import StateTokens

/// `POST /api/v1/oauth/complete`: where an app's server, which knows its own user's session, completes a flow.
struct CompleteRoute<Store: ConnectionStore>: Sendable {
    private let services: ConnectServices<Store>
    private let authenticator: Authenticator

    init(_ services: ConnectServices<Store>, authenticator: Authenticator) {
        self.services = services
        self.authenticator = authenticator
    }

    func answer(_ request: Request, _ context: APIContext) async throws -> Response {
        let (principal, workspaceID) = try await authenticator.authorize(request, .initiate, context)
        let body = try await request.octets(upTo: BodyLimit.ticket)
        let flow = try await verify(
            body, contentType: request.headers[.contentType], principal, workspaceID, context)
        context.origin.trace?.continues(flow.destination)
        // Of the exchange, and of its completion.
        try services.audit.admit(lineCount: 2)
        defer { services.audit.release(lineCount: 2) }
        let result = await services.completion.complete(flow, binding: .confirmed)
        record(flow, result, principal, context)
        return try await answer(flow, result)
    }

    /// Nothing is claimed before everything holds.
    private func verify(
        _ body: [UInt8], contentType: String?, _ principal: Principal, _ workspaceID: String,
        _ context: APIContext
    ) async throws -> AuthorizedFlow {
        let form = try CompleteRequest.parse(body.span, contentType: contentType)
        let flow: AuthorizedFlow
        do throws(TicketVerificationError) {
            flow = try await services.tickets.verify(
                CompleteCommand(ticket: form.ticket, bindingSecret: form.bindingSecret),
                workspaceID: workspaceID, userID: principal.userID)
        } catch {
            var event = AuditEvent(
                .complete, .refused, reason: error.name, by: principal, in: workspaceID, context.origin)
            if case .ticket(.unopened(.disabledKey(let id))) = error { event.keyID = id }
            services.audit.record(event)
            throw APIError(error)
        }
        // Another credential may have begun it.
        try authenticator.reject(
            principal.limits?.breach(
                by: flow.verified.state, under: flow.integration.integration.scope),
            of: principal, context.origin)
        return flow
    }

    private func answer(
        _ flow: AuthorizedFlow, _ result: CompletionResult
    ) async throws(APIError) -> Response {
        switch result {
        case .finished(.success(let id)):
            guard services.settings.hasStore else {
                return try await credentials(id, of: flow)
            }
            return try await connection(id, of: flow)
        case .finished(.failure(let failure)): throw APIError(failure)
        case .working: throw .stillCompleting
        case .notSent: throw .providerUnreachable
        case .over: throw .flowFinished
        case .storeUnavailable: throw .storeUnavailable
        }
    }

    private func connection(_ id: ConnectionID, of flow: AuthorizedFlow) async throws(APIError) -> Response {
        do throws(StoreError) {
            let found = try await services.store.connection(
                id, workspaceID: flow.verified.state.workspaceID)
            guard let found else { throw StoreError.notFound }
            return .json(capacity: 1024) { answer in
                answer.object("connection") {
                    found.write(to: &$0, comparing: flow.integration.integration.scope)
                }
            }
        } catch {
            throw APIError(error)
        }
    }

    /// Without a store: what was granted, for the app's server to keep.
    private func credentials(_ id: ConnectionID, of flow: AuthorizedFlow) async throws(APIError) -> Response {
        do throws(AccessTokenError) {
            let open = try await services.accessTokens.read(id, flow.verified.state.workspaceID)
            return .json(capacity: 4096) { answer in
                answer.member("flow_id", flow.verified.flowID.description)
                answer.member("integration_id", flow.integration.id)
                answer.member("label", open.connection.label)
                answer.object("tags") { members in
                    for (name, value) in open.connection.tags.sorted(by: { $0.key < $1.key }) {
                        members.member(name, value)
                    }
                }
                answer.object("credentials") { open.credentials.write(to: &$0) }
            }
        } catch {
            throw APIError(error)
        }
    }

    private func record(
        _ flow: AuthorizedFlow, _ result: CompletionResult, _ principal: Principal, _ context: APIContext
    ) {
        var event = AuditEvent(.complete, of: flow.destination, result)
        event.credentialID = principal.credentialID
        event.binding = .confirmed
        // Without a store there is no connection, though it had an id on its way.
        if !services.settings.hasStore { event.connectionID = nil }
        event.come(from: context.origin)
        services.audit.record(event)
    }
}
