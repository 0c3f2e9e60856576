internal import Access
internal import ConnectService
internal import Connections
internal import Encodings
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
        return try response(to: context.parameters.get("id"))
    }

    /// Apart, and kept apart: Swift 6.3.1 does not survive it within the coroutine, optimised.
    @inline(never)
    private func response(to id: String?) throws(APIError) -> Response {
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
        let error: SettingsError? =
            if case .unconfigured(_, let error) = integrations[integration.id] { error } else { nil }
        integration.write(
            to: &answer, redirectURI: settings.callbackURL(integrationID: integration.id), settings: error)
    }
}
