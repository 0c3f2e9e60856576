internal import ConnectService
internal import Connections
internal import Hummingbird
internal import HummingbirdCore
internal import Integrations

/// `/api/v1/integrations`: what can be connected, and what each needs.
struct IntegrationRoutes: Sendable {
    private let integrations: IntegrationRegistry
    private let settings: ServiceSettings
    /// `nil` in development mode, where anybody on the machine may look.
    private let authenticator: Authenticator?

    init(_ integrations: IntegrationRegistry, settings: ServiceSettings, authenticator: Authenticator?) {
        self.integrations = integrations
        self.settings = settings
        self.authenticator = authenticator
    }

    func list(_ request: Request, _ context: APIContext) async throws -> Response {
        try await authorize(request, context)
        let (page, nextCursor) = try page(request.uri.queryParameters)
        return .json(capacity: 4096) { answer in
            answer.array("data") { data in
                for integration in page { data.object { write(integration, to: &$0) } }
            }
            answer.member("next_cursor", nextCursor)
        }
    }

    func show(_ request: Request, _ context: APIContext) async throws -> Response {
        try await authorize(request, context)
        let id = context.parameters.get("id")
        guard let integration = integrations.integrations.first(where: { $0.id == id }) else {
            throw APIError(
                .notFound, "integration_not_found",
                "There is no such integration. GET /api/v1/integrations lists what there is.")
        }
        return .json(capacity: 1024) { write(integration, to: &$0) }
    }

    /// The integrations after the cursor, which is the id of the last one before.
    private func page(
        _ parameters: FlatDictionary<Substring, Substring>
    ) throws(RequestValidationError) -> ([Integration], nextCursor: String?) {
        let limit = PageLimit(parameters["limit"])
        if let issue = limit.issue { throw RequestValidationError([issue]) }
        var rest = integrations.integrations[...]
        if let cursor = parameters["cursor"] {
            guard let last = rest.firstIndex(where: { $0.id == cursor }) else { throw .badCursor }
            rest = rest[(last + 1)...]
        }
        let page = rest.prefix(limit.value)
        return (Array(page), page.count < rest.count ? page.last?.id : nil)
    }

    private func authorize(_ request: Request, _ context: APIContext) async throws(APIError) {
        _ = try await authenticator?.authorize(request, .read, context)
    }

    private func write(_ integration: Integration, to answer: inout JSONOutput.Members) {
        answer.member("id", integration.id)
        answer.member("label", integration.label)
        answer.member("documentation", integration.documentation)
        answer.member("sandbox", integration.isSandbox)
        let isConfigured =
            if case .configured = integrations[integration.id] { true } else { false }
        answer.member("configured", isConfigured)
        answer.member("redirect_uri", settings.callbackURL(integrationID: integration.id))
        answer.array("auth_methods") { methods in for id in integration.authMethods { methods.element(id) } }
        answer.array("default_scopes") { scopes in
            for scope in integration.scope.requested([]) { scopes.element(scope) }
        }
        answer.array("params") { parameters in
            for parameter in integration.parameters where parameter.callbackField == nil {
                parameters.object { write(parameter, to: &$0) }
            }
        }
    }

    private func write(_ parameter: TemplateParameter, to answer: inout JSONOutput.Members) {
        answer.member("name", parameter.name)
        answer.member("label", parameter.label)
        answer.member("description", parameter.description)
        answer.member("kind", parameter.kind.rawValue)
        answer.member("pattern", parameter.pattern)
        answer.member("default", parameter.defaultValue)
    }
}
