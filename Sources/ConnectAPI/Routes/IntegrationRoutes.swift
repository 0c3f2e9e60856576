internal import Access
internal import ConnectService
internal import Connections
internal import Encodings
internal import Hummingbird
internal import HummingbirdCore
internal import Integrations
internal import StateTokens

/// `/api/v1/integrations`: what can be connected, and what each needs.
struct IntegrationRoutes: Sendable {
    private let integrations: IntegrationRegistry
    private let settings: ServiceSettings
    private let authenticator: Authenticator
    /// Whether no credential is needed, as in development mode.
    private let isOpen: Bool

    init(
        _ integrations: IntegrationRegistry, settings: ServiceSettings, authenticator: Authenticator,
        isOpen: Bool
    ) {
        self.integrations = integrations
        self.settings = settings
        self.authenticator = authenticator
        self.isOpen = isOpen
    }

    func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let session = try await authorize(request, context)
        let (page, nextCursor) = try page(request.uri.queryParameters, session)
        return .json(capacity: 4096) { answer in
            answer.array("data") { data in
                for integration in page { data.object { write(integration, to: &$0) } }
            }
            answer.member("next_cursor", nextCursor)
        }
    }

    func show(_ request: Request, _ context: APIContext) async throws -> Response {
        let session = try await authorize(request, context)
        let id = context.parameters.get("id")
        guard id.flatMap({ session?.allows(integrationID: $0) }) ?? true else {
            throw APIError.sessionForbids(.integration)
        }
        return try response(to: id)
    }

    /// Apart, and kept apart: Swift 6.3.1 does not survive it within the coroutine, optimised.
    @inline(never)
    private func response(to id: String?) throws(APIError) -> Response {
        guard let integration = id.flatMap({ integrations.integration($0) }) else {
            throw .integrationNotFound
        }
        return .json(capacity: 1024) { write(integration, to: &$0) }
    }

    /// The integrations after the cursor, which is the id of the last one before.
    private func page(
        _ parameters: FlatDictionary<Substring, Substring>, _ session: Session?
    ) throws(RequestValidationError) -> ([Integration], nextCursor: String?) {
        let query = try IntegrationListQuery(parameters)
        let listed = integrations.listed
        var rest = listed.integrations[...]
        if let cursor = query.cursor {
            guard let after = listed.rest(after: cursor) else { throw .badCursor }
            rest = after
        }
        var page: [Integration] = []
        for integration in rest
        where session?.allows(integrationID: integration.id) ?? true && matches(integration, query) {
            // One more than the page has room for: there is another page.
            if page.count == query.limit { return (page, page.last?.id) }
            page.append(integration)
        }
        return (page, nil)
    }

    private func matches(_ integration: Integration, _ query: IntegrationListQuery) -> Bool {
        query.search.matches(integration)
            && (query.isConnectable.map { $0 == integrations.isConnectable(integration.id) } ?? true)
    }

    /// The connect session whose holder asks, if there is one: it sees its own integrations.
    private func authorize(
        _ request: Request, _ context: APIContext
    ) async throws(APIError) -> Session? {
        if isOpen, authenticator.sessionText(in: request) == nil { return nil }
        return try await authenticator.authorize(request, .read, session: .initiate, context)
            .principal.session
    }

    private func write(_ integration: Integration, to answer: inout JSONOutput.Members) {
        let error: SettingsError? =
            if case .unconfigured(_, let error) = integrations[integration.id] { error } else { nil }
        integration.write(
            to: &answer, redirectURI: settings.callbackURL(integrationID: integration.id), settings: error,
            isConnectable: integrations.isConnectable(integration.id))
    }
}
