internal import Access
internal import ConnectService
internal import Keyrings
internal import Logging
internal import StateTokens

/// All keys of a server, as they are replaced while it runs.
struct LiveKeys: Sendable {
    let state: LiveKeyring
    let connections: LiveKeyring
    let api: LiveAPIKeys
    let stateKeyFinder: StateKeyFinder

    init(_ deployment: Deployment, stateLifetime: Duration, logger: Logger) {
        let stateRecord = KeyringReloadRecord(.state, logger: logger)
        let connectionsRecord = KeyringReloadRecord(.connections, logger: logger)
        let apiRecord = APIKeyReloadRecord(logger: logger)
        state = LiveKeyring(
            deployment.stateKeyring, from: deployment.sources.stateKeyring, lifetime: stateLifetime,
            observer: { stateRecord.note($0) })
        stateKeyFinder = StateKeyFinder(state, logger: logger)
        connections = LiveKeyring(
            deployment.connectionsKeyring, from: deployment.sources.connectionsKeyring,
            observer: { connectionsRecord.note($0) })
        api = LiveAPIKeys(
            deployment.apiKeys, from: deployment.sources.apiKeys,
            besides: deployment.development.map { [$0.pageKey.key] } ?? [], observer: { apiRecord.note($0) })
    }
}
