import ConnectService
import Connections
import ConnectionsTesting
import Integrations
import Logging
import OAuthHTTP
import StateTokens
import Testing

/// The parts of a service without a store: what initiates flows and verifies callbacks.
struct Deployment: Sendable {
    static let workspaceID = "wsp_123456789"
    static let redirectURI = "https://app.example.com/connected"

    let clock = TestClock()
    var settings: ServiceSettings
    let stateKeyring: KeyringReference
    let stateSealer: Sealer
    let codec: StateTokenCodec
    let tickets: TicketCodec
    var registry: IntegrationRegistry
    var workspaces: WorkspaceDirectory

    init(
        catalog: String? = nil, clientID: String = "client", redirectURIs: [String] = [Self.redirectURI],
        workspaces: WorkspaceDirectory? = nil,
        providerTimeout: Duration = .seconds(10), publicURL: String = "https://connect.example.com"
    ) throws {
        settings = ServiceSettings(
            publicURL: try #require(Audience(publicURL: publicURL)), providerTimeout: providerTimeout)
        stateKeyring = KeyringReference(try TestKeys.ring([TestKeys.key(1)]))
        stateSealer = Sealer(stateKeyring)
        codec = StateTokenCodec(sealer: stateSealer, audience: settings.publicURL)
        tickets = TicketCodec(sealer: stateSealer, audience: settings.publicURL)
        self.workspaces = try workspaces ?? Self.workspaces(redirectURIs)
        registry = try Self.registry(catalog, clientID: clientID, workspaces: self.workspaces)
    }

    static func registry(
        _ catalog: String?, clientID: String = "client",
        workspaces: WorkspaceDirectory = WorkspaceDirectory([])
    ) throws -> IntegrationRegistry {
        let files = catalog.map { [CatalogFile(name: "test.yaml", text: $0)] } ?? []
        let catalog = try Catalog(files: files, allowsInsecureLoopback: true)
        let client = IntegrationSettings(clientID: clientID, clientSecret: ClientSecret("secret"))
        let configured = catalog.ids.filter { $0 != "generic" && $0 != "unset" }
        return IntegrationRegistry(
            catalog, settings: Dictionary(uniqueKeysWithValues: configured.map { ($0, client) }),
            workspaces: workspaces, allowsInsecureLoopback: true)
    }

    static func workspaces(
        _ redirectURIs: [String], id: String = workspaceID, label: String? = nil,
        confirmation: ConfirmationMode? = nil,
        integrations: [String: WorkspaceIntegration] = [:]
    ) throws -> WorkspaceDirectory {
        WorkspaceDirectory([
            Workspace(
                id: id, redirectURIs: RedirectURIAllowlist(try redirectURIs.map { try RedirectURI($0) }),
                confirmation: confirmation, integrations: integrations, branding: Branding(label: label))
        ])
    }

    var initiate: InitiateFlow {
        InitiateFlow(
            settings: settings, codec: codec, integrations: registry, workspaces: workspaces,
            now: { [clock] in clock.now })
    }

    var verify: CallbackVerifier {
        CallbackVerifier(
            codec: codec, tickets: tickets, standing: standing, now: { [clock] in clock.now })
    }

    var standing: FlowStanding {
        FlowStanding(
            integrations: registry, workspaces: workspaces, requirement: settings.confirmation)
    }

    var verifyTicket: TicketVerifier {
        TicketVerifier(tickets: tickets, standing: standing, now: { [clock] in clock.now })
    }

    func begin(
        _ command: InitiateCommand, in workspaceID: String = Self.workspaceID, userID: String? = nil
    ) throws(InitiateError) -> InitiatedFlow {
        try initiate.begin(command, workspaceID: workspaceID, userID: userID)
    }

    func begin(_ integrationID: String = "sample") throws(InitiateError) -> InitiatedFlow {
        try begin(InitiateCommand(integrationID: integrationID, redirectURI: Self.redirectURI))
    }

    /// A token of our own making, for what initiate would not do.
    func seal(_ state: FlowState) throws -> String { try codec.encode(state, at: clock.now).text }

    /// What initiate puts into a state; to be changed.
    func flowState(_ integrationID: String = "sample") throws -> FlowState {
        try codec.verify(try begin(integrationID).state, at: clock.now).state
    }

    func callback(
        _ query: String, on integrationID: String = "sample", context: String? = nil
    ) -> CallbackResult {
        verify.verifyNow(Array(query.utf8), integrationID: integrationID, context: context)
    }

    /// Where the provider is asked to send the user back to.
    static func redirectURI(of flow: InitiatedFlow) -> String {
        Query.fields(String(flow.authorizationURL.split(separator: "?")[1]))["redirect_uri"] ?? ""
    }

    /// What that URI has after the integration's id.
    static func context(of flow: InitiatedFlow) -> String? {
        let segments = redirectURI(of: flow).split(separator: "/").drop { $0 != "callback" }
        return segments.count == 3 ? segments.last.map(String.init) : nil
    }

    /// A new flow that comes back with `code`.
    func authorized(
        code: String = "code-1", _ command: InitiateCommand? = nil, userID: String? = nil
    ) throws -> AuthorizedFlow {
        var one = InitiateCommand(integrationID: "sample", redirectURI: Self.redirectURI)
        // All are one account's.
        one.newConnection = true
        let command = command ?? one
        let flow = try begin(command, userID: userID)
        return try delivered(flow, code: code)
    }

    func delivered(_ flow: InitiatedFlow, code: String) throws -> AuthorizedFlow {
        let verdict = callback(
            "state=\(flow.state)&code=\(Query.encoded(code))", on: flow.integrationID,
            context: Self.context(of: flow))
        guard case .authorized(let authorized) = verdict else {
            Issue.record("not authorized: \(verdict)")
            throw StoreError.notFound
        }
        return authorized
    }
}
