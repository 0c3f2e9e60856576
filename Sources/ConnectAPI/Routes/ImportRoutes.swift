internal import Access
internal import ConnectService
internal import Connections
internal import Encodings
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Integrations
internal import StateTokens

/// What concerns connections that no flow of ours made, and trying those that there are.
struct ImportRoutes<Store: ConnectionStore>: Sendable {
    private let services: ConnectServices<Store>
    private let authenticator: Authenticator
    private let gate: ConnectionGate<Store>

    init(_ services: ConnectServices<Store>, authenticator: Authenticator) {
        self.services = services
        self.authenticator = authenticator
        gate = ConnectionGate(services, authenticator: authenticator)
    }

    /// `POST /api/v1/connections`.
    func add(_ request: Request, _ context: APIContext) async throws -> Response {
        let (principal, workspaceID) = try await authenticator.authorize(request, .admin, context)
        let verifies = try request.flag("verify") ?? false
        let key = try request.idempotencyKey()
        let body = try await request.octets(upTo: BodyLimit.credentials)
        let form = try ImportRequest.parse(body.span, contentType: request.headers[.contentType])
        if let limits = principal.limits {
            let rules = services.integrations.integration(form.command.integrationID)?.scope
            try authenticator.reject(
                limits.breach(by: form.command, under: rules), of: principal, context.origin)
        }
        // Of the import, and of a refresh.
        try services.audit.admit(lineCount: 2)
        defer { services.audit.release(lineCount: 2) }
        let services = self.services
        // Goes on to its end even if the one who asked goes away: a refresh token may be spent.
        let task = Task { () async -> Result<Connection, ImportConnectionError> in
            do throws(ImportConnectionError) {
                return .success(
                    try await services.imports.add(
                        form.command, workspaceID: workspaceID, idempotencyKey: key, verifies: verifies,
                        credentialID: principal.credentialID))
            } catch {
                return .failure(error)
            }
        }
        do throws(ImportConnectionError) {
            let connection = try await task.value.get()
            let scopes = services.integrations.integration(connection.integrationID)?.scope
            return .json(.created, capacity: 1024) { connection.write(to: &$0, comparing: scopes) }
        } catch {
            throw error.answer
        }
    }

    /// `POST /api/v1/connections/{id}/test`.
    func test(_ request: Request, _ context: APIContext) async throws -> Response {
        let (principal, workspaceID) = try await authenticator.authorize(request, .credentials, context)
        guard let text = context.parameters.get("id"), let id = ConnectionID(text) else {
            throw APIError.connectionNotFound
        }
        try await gate.check(id, workspaceID, for: principal, context)
        // Of a refresh, and of a second one.
        try services.audit.admit(lineCount: 2)
        defer { services.audit.release(lineCount: 2) }
        do throws(AccessTokenError) {
            let test = try await services.tests.test(
                id, workspaceID: workspaceID, credentialID: principal.credentialID)
            return .json { answer in
                answer.member("ok", test.problem == nil)
                answer.member("checked_at", test.checkedAt.rfc3339)
                answer.member("detail", test.detail)
                answer.member("error_code", test.problem?.rawValue)
            }
        } catch {
            throw APIError(error)
        }
    }

    /// `GET /api/v1/connections/integrations/{integration_id}/requirements`.
    func requirements(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try await authenticator.authorize(request, .read, context)
        let integration = try integration(context.parameters.get("integration_id"), caller, context)
        let method = try Self.authMethod(of: request, for: integration)
        return .json(capacity: 2048) { answer in
            ConnectionRequirements(integration, authMethodID: method).write(to: &answer)
        }
    }

    /// `POST /api/v1/connections/validate`: says of an import whether it would be accepted, and asks no provider.
    func validate(_ request: Request, _ context: APIContext) async throws -> Response {
        let caller = try await authenticator.authorize(request, .read, context)
        guard let id = request.uri.queryParameters["integration_id"] else {
            throw RequestValidationError([
                ValidationIssue(
                    loc: [.name("query"), .name("integration_id")], msg: "Field required", type: "missing")
            ])
        }
        let integration = try integration(String(id), caller, context)
        let method = try Self.authMethod(of: request, for: integration)
        let body = try await request.octets(upTo: BodyLimit.credentials)
        let issues = try issues(
            of: body, contentType: request.headers[.contentType], integration, authMethodID: method,
            workspaceID: caller.workspaceID)
        return .json(capacity: 512) { answer in
            answer.member("valid", issues.isEmpty)
            answer.array("errors") { errors in
                for issue in issues { errors.object { issue.write(to: &$0) } }
            }
        }
    }

    /// A body that is not JSON is an error; what is wrong with its fields is the answer.
    private func issues(
        of body: [UInt8], contentType: String?, _ integration: Integration, authMethodID: String,
        workspaceID: String
    ) throws -> [ValidationIssue] {
        let form: ValidateRequest
        do throws(RequestValidationError) {
            form = try ValidateRequest.parse(body.span, contentType: contentType)
        } catch {
            guard error.issues.allSatisfy({ $0.loc.count > 1 && $0.type != "json_invalid" }) else {
                throw error
            }
            return error.issues
        }
        do throws(ImportConnectionError) {
            try services.imports.check(
                ImportCommand(
                    integrationID: integration.id, authMethodID: authMethodID, credentials: form.credentials,
                    config: form.config), workspaceID: workspaceID)
            return []
        } catch {
            guard let error = error.answer as? RequestValidationError else { throw error.answer }
            return error.issues
        }
    }

    private func integration(
        _ id: String?, _ caller: (principal: Principal, workspaceID: String), _ context: APIContext
    ) throws(APIError) -> Integration {
        try authenticator.reject(
            caller.principal.limits?.excludes(id, by: .integrations) ?? false ? .integrations : nil,
            of: caller.principal, context.origin)
        guard
            let integration = id.flatMap({ services.integrations.integration($0, in: caller.workspaceID) })
        else { throw .integrationNotFound }
        return integration
    }

    /// The auth method of the query; the integration's first one without it.
    private static func authMethod(
        of request: Request, for integration: Integration
    ) throws(RequestValidationError) -> String {
        guard let id = request.uri.queryParameters["auth_method_id"] else {
            return integration.authMethods.first ?? "oauth2"
        }
        guard integration.authMethods.contains(String(id)) else {
            throw RequestValidationError([
                ValidationIssue(
                    loc: [.name("query"), .name("auth_method_id")],
                    msg: "The integration has: \(integration.authMethods.joined(separator: ", "))",
                    type: "auth_method_not_found")
            ])
        }
        return String(id)
    }
}

extension Request {
    /// A flag of the query: `true` or `false`.
    func flag(_ name: String) throws(RequestValidationError) -> Bool? {
        switch uri.queryParameters[name[...]] {
        case nil: nil
        case "false": false
        case "true": true
        default:
            throw RequestValidationError([
                ValidationIssue(
                    loc: [.name("query"), .name(name)],
                    msg: "Input should be a valid boolean, unable to interpret input", type: "bool_parsing")
            ])
        }
    }
}
