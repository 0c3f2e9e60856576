import Access
import ConnectService
import Connections
import Logging
import OAuthHTTP

extension ConfiguredCatalog {
    /// What a command refreshes and revokes with, as the service would.
    func accessTokens<Store: ConnectionStore>(
        of store: Store, _ sealer: CredentialSealer, _ client: ProviderHTTPClient, audit: AuditLog
    ) -> AccessTokens<Store> {
        // The command's own report says what happened.
        let logger = Logger(label: "symbolon.connections") { _ in SwiftLogNoOpLogHandler() }
        let keySets = KeySetClient(client)
        let idTokens = IDTokenVerifier(logger: logger) {
            KeySetDocument(try await keySets.fetch($0, isHostNamedByCaller: $1))
        }
        registry.discovery = ConnectionDiscovery(DiscoveryClient(client), logger: logger)
        return AccessTokens(
            settings: service, sealer: sealer, store: store, integrations: registry,
            provider: ProviderClient(client), idTokens: idTokens, audit: audit,
            logger: logger)
    }
}
