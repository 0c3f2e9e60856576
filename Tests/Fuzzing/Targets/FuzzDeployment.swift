import ConnectService
import Integrations
import StateTokens

/// A service without a store, as far as initiates and callbacks need it; its clock stands still.
struct FuzzDeployment {
    static let workspaceID = "wsp_123456789"
    static let redirectURIs = [
        "https://app.example.com/connected", "http://127.0.0.1/callback", "com.example.app:/done",
    ]
    private static let catalog = """
        integrations:
          sample:
            documentation: https://example.com/docs
            authorization_endpoint: https://sample.example/authorize
            token_endpoint: https://sample.example/token
            default_scopes: [read, write]
          shop:
            documentation: https://example.com/docs
            parameters: {shop: {label: Shop, kind: label}}
            authorization_endpoint: https://{shop}.shops.example/authorize
            token_endpoint: https://{shop}.shops.example/token
        """

    let codec: StateTokenCodec
    let initiate: InitiateFlow
    let verify: CallbackVerifier
    let list: RedirectURIAllowlist
    let integrations: IntegrationRegistry

    init() throws {
        let settings = ServiceSettings(publicURL: try FuzzKeys.audience())
        let sealer = try FuzzKeys.sealer([try FuzzKeys.key(1)])
        codec = StateTokenCodec(sealer: sealer, audience: settings.publicURL)
        list = RedirectURIAllowlist(try Self.redirectURIs.map { try RedirectURI($0) })
        let workspaces = WorkspaceDirectory([Workspace(id: Self.workspaceID, redirectURIs: list)])
        let catalog = try Catalog(files: [CatalogFile(name: "fuzz.yaml", text: Self.catalog)])
        let client = IntegrationSettings(clientID: "client", clientSecret: ClientSecret("secret"))
        integrations = IntegrationRegistry(
            catalog, settings: Dictionary(uniqueKeysWithValues: catalog.ids.map { ($0, client) }),
            allowsInsecureLoopback: false)
        initiate = InitiateFlow(
            settings: settings, codec: codec, integrations: integrations, workspaces: workspaces,
            now: { FuzzKeys.start })
        let standing = FlowStanding(
            integrations: integrations, workspaces: workspaces, requirement: settings.confirmation)
        verify = CallbackVerifier(
            codec: codec, tickets: TicketCodec(sealer: sealer, audience: settings.publicURL),
            standing: standing, now: { FuzzKeys.start })
    }

    func configured(_ id: String) -> ConfiguredIntegration? {
        guard case .configured(let integration) = integrations[id] else { return nil }
        return integration
    }
}
