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
    private let workspaces: WorkspaceDirectory
    private let settings: ServiceSettings
    private let authenticator: Authenticator
    /// Whether no credential is needed, as in development mode.
    private let isOpen: Bool

    init(
        _ integrations: IntegrationRegistry, workspaces: WorkspaceDirectory, settings: ServiceSettings,
        authenticator: Authenticator, isOpen: Bool
    ) {
        self.integrations = integrations
        self.workspaces = workspaces
        self.settings = settings
        self.authenticator = authenticator
        self.isOpen = isOpen
    }

    func list(_ request: Request, _ context: APIContext) async throws -> Response {
        let (principal, workspaceID) = try await authorize(request, context)
        let (page, nextCursor) = try page(request.uri.queryParameters, principal, workspaceID)
        return .json(capacity: 4096) { answer in
            answer.array("data") { data in
                for integration in page {
                    data.object { write(integration, workspaceID, principal?.session, to: &$0) }
                }
            }
            answer.member("next_cursor", nextCursor)
            guard let session = principal?.session else { return }
            answer.object("session") { session.writeLimits(to: &$0) }
        }
    }

    func show(_ request: Request, _ context: APIContext) async throws -> Response {
        let (principal, workspaceID) = try await authorize(request, context)
        let id = context.parameters.get("id")
        if let principal, let id, !principal.allows(integrationID: id) {
            guard principal.session == nil else { throw APIError.sessionForbids(.integration) }
            try authenticator.reject(.integrations, of: principal, context.origin)
        }
        return try response(
            to: id, workspaceID, principal?.session, Self.parameters(request.uri.queryParameters))
    }

    /// Apart, and kept apart: Swift 6.3.1 does not survive it within the coroutine, optimised.
    @inline(never)
    private func response(
        to id: String?, _ workspaceID: String?, _ session: Session?, _ parameters: [String: String]
    ) throws(APIError) -> Response {
        guard let integration = id.flatMap({ integrations.integration($0, in: workspaceID) }) else {
            throw .integrationNotFound
        }
        return .json(capacity: 1024) { write(integration, workspaceID, session, parameters, to: &$0) }
    }

    /// `param=NAME:VALUE`, as often as it takes, for a redirect URI that depends on them.
    private static func parameters(
        _ query: FlatDictionary<Substring, Substring>
    ) throws(RequestValidationError) -> [String: String] {
        var parameters: [String: String] = [:]
        for (key, text) in query where key == "param" {
            guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else {
                throw RequestValidationError([
                    ValidationIssue(
                        loc: [.name("query"), .name("param")],
                        msg: "Input should be a name and a value with a colon between", type: "param_parsing")
                ])
            }
            parameters[String(text[..<colon])] = String(text[text.index(after: colon)...])
        }
        return parameters
    }

    /// The integrations after the cursor, which is the id of the last one before.
    private func page(
        _ parameters: FlatDictionary<Substring, Substring>, _ principal: Principal?, _ workspaceID: String?
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
        where principal?.allows(integrationID: integration.id) ?? true
            && matches(integration, query, workspaceID, principal?.session)
        {
            // One more than the page has room for: there is another page.
            if page.count == query.limit { return (page, page.last?.id) }
            page.append(integration)
        }
        return (page, nil)
    }

    private func matches(
        _ integration: Integration, _ query: IntegrationListQuery, _ workspaceID: String?, _ session: Session?
    ) -> Bool {
        integrations.integration(integration.id, in: workspaceID) != nil && query.search.matches(integration)
            && (query.isConnectable.map { $0 == isConnectable(integration, workspaceID, session) } ?? true)
    }

    /// No app's server takes part in a session's flows, so none begins where it has to.
    private func isConnectable(
        _ integration: Integration, _ workspaceID: String?, _ session: Session?
    ) -> Bool {
        guard integrations.isConnectable(integration.id, in: workspaceID) else { return false }
        guard session != nil, let workspace = workspaceID.flatMap({ workspaces[$0] }) else { return true }
        return settings.confirmation.confirmation(in: workspace, integrationID: integration.id) != .required
    }

    /// The caller, who may see some integrations only, and the workspace; both are `nil` where no credential is needed.
    private func authorize(
        _ request: Request, _ context: APIContext
    ) async throws(APIError) -> (Principal?, workspaceID: String?) {
        if isOpen, authenticator.sessionText(in: request) == nil { return (nil, nil) }
        let (principal, workspaceID) = try await authenticator.authorize(
            request, .read, session: .initiate, context)
        return (principal, workspaceID)
    }

    private func write(
        _ integration: Integration, _ workspaceID: String?, _ session: Session?,
        _ parameters: [String: String] = [:], to answer: inout JSONOutput.Members
    ) {
        let entry = integrations[integration.id, in: workspaceID]
        integration.write(
            to: &answer,
            redirectURI: settings.redirectURI(of: integration, entry?.client, parameters: parameters),
            settings: entry?.settingsError,
            isConnectable: isConnectable(integration, workspaceID, session),
            isOwnClient: entry?.client?.owner != nil, defaultScopes: entry?.client?.scopes(requested: []),
            logo: integrations.logo(of: integration.id).map { _ in
                settings.logoURL(integrationID: integration.id)
            }, fixed: session?.parameters ?? [:])
    }
}

extension Principal {
    fileprivate func allows(integrationID: String) -> Bool {
        session?.allows(integrationID: integrationID) ?? true
            && !(limits?.excludes(integrationID, by: .integrations) ?? false)
    }
}
