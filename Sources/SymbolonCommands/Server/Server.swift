internal import Access
internal import ConnectAPI
internal import ConnectService
internal import Connections
internal import ConnectionsSQLite
internal import FoundationEssentials
internal import Hummingbird
internal import Integrations
internal import Keyrings
internal import Logging
internal import OAuthHTTP
internal import PrometheusMetrics
internal import ServiceLifecycle
internal import StateTokens
internal import UnixSignals

#if PostgreSQL
internal import ConnectionsPostgreSQL
#endif

/// The service, put together and run.
struct Server {
    private let settings: Settings
    private let deployment: Deployment
    private let telemetry: Telemetry
    private let logger: Logger
    private let audit: AuditLog

    init(_ settings: Settings, _ deployment: Deployment, _ telemetry: Telemetry) {
        self.settings = settings
        self.deployment = deployment
        self.telemetry = telemetry
        logger = telemetry.logger
        audit = telemetry.auditLog
    }

    /// Runs until a signal ends it, and finishes the requests in progress.
    ///
    /// - Parameter whenRunning: called once the port is open.
    func run(whenRunning: @escaping @Sendable () -> Void) async throws {
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        switch deployment.store {
        case .sqlite(let path):
            try await run(SQLiteConnectionStore(path: path), hangups, whenRunning: whenRunning)
        #if PostgreSQL
        case .postgreSQL(let url):
            let store = PostgreSQLConnectionStore(
                try ServerAddress(url), connectionCount: settings.storeConnections)
            await report(store)
            try await run(store, hangups, whenRunning: whenRunning)
            await store.close()
        #endif
        case .nowhere:
            try await run(
                TransientStore(skew: deployment.stateKeyring.skew), hangups, whenRunning: whenRunning)
        }
    }

    private func run(
        _ store: some ConnectionStore, _ hangups: UnixSignalsSequence,
        whenRunning: @escaping @Sendable () -> Void
    ) async throws {
        let keys = LiveKeys(deployment, stateLifetime: settings.stateLifetime, logger: logger)
        let counts = CallbackCounts()
        let provider = ProviderHTTPClient(settings.providers.http())
        let integrations = IntegrationRegistry(
            deployment.catalog, settings: deployment.integrations,
            allowsInsecureLoopback: settings.allowsInsecureLoopback)
        let keySets = KeySetClient(provider)
        let idTokens = IDTokenVerifier(logger: logger) { KeySetDocument(try await keySets.fetch($0)) }
        let services = self.services(
            store, ProviderClient(provider), idTokens, integrations, keys, counts)
        let sweep = deployment.store == .nowhere ? nil : settings.refresh.sweep
        let sweeps = sweep.map { Sweep(sweep: ConnectionSweep(services.accessTokens, settings: $0)) }
        let metrics = MetricsRoute { [registry = telemetry.registry] in registry.text }
        let tokenKeys = settings.tokens.map { TokenKeys($0, client: provider, logger: logger) }
        let tokens = settings.tokens.flatMap { settings in
            tokenKeys.map { TokenAuthentication(settings, keys: $0.keys) }
        }
        let authenticator = Authenticator(
            keys.api, tokens: tokens, sessions: services.sessions, limits: settings.limits.requests,
            audit: audit)
        let routes = try ConnectRouter(
            services, authenticator: authenticator, limits: settings.limits.requests,
            proxies: settings.limits.proxies, metrics: metrics)
        let limits = ServerLimits(
            connectionCount: OpenFiles.makeRoom(forConnections: settings.limits.connectionCount),
            shares: settings.limits.connectionShares(isProduction: deployment.development == nil))
        let application = Application(
            router: routes.router(development: development),
            server: limits.server(
                before: routes.answersAtOnce(development: development, logger: logger),
                under: deployment.publicURL.path),
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), serverName: nil, backlog: 1_024,
                availableConnectionsDelegate: .maximum(limits.connectionCount, logger: logger)),
            onServerRunning: { _ in whenRunning() }, logger: logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                // The first is the last to end.
                services: [
                    KeyringWatch(
                        [keys.state, keys.connections], keys.api, hangups: hangups,
                        auditFile: telemetry.auditFile, logger: logger),
                    CallbackSummary(counts: counts, logger: logger), ProviderConnections(client: provider),
                    Discovery(
                        service: DiscoveryService(
                            integrations, client: DiscoveryClient(provider), logger: logger)),
                    Housekeeping(store, logger: logger),
                ] + (sweeps.map { [$0] } ?? []) + (tokenKeys.map { [$0] } ?? []) + metricsListener(metrics)
                    + [application],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger))
        try await group.run()
    }

    #if PostgreSQL
    /// Logs an unavailable store. The service runs all the same, since initiates need no store.
    private func report(_ store: PostgreSQLConnectionStore) async {
        do throws(StoreError) {
            try await store.ping()
        } catch {
            logger.error(
                "the store is not available; initiates are served, all else waits for it",
                metadata: ["error": "\(error)"])
        }
    }
    #endif
    /// A listener of its own for scrapers, where there is one.
    private func metricsListener(_ metrics: MetricsRoute) -> [any Service] {
        guard let address = settings.metricsAddress else { return [] }
        return [
            Application(
                router: metrics.router(), server: ServerLimits().server(),
                configuration: ApplicationConfiguration(
                    address: .hostname(address.host, port: address.port), serverName: nil), logger: logger)
        ]
    }

    private var development: DevelopmentMode? {
        guard let development = deployment.development else { return nil }
        return DevelopmentMode(
            port: settings.port, publicURL: deployment.publicURL, apiKeyFile: development.apiKeyFile,
            pageKey: development.pageKey.text, sandboxSecret: development.sandboxSecret)
    }

    private func services<Store: ConnectionStore>(
        _ store: Store, _ provider: ProviderClient, _ idTokens: IDTokenVerifier,
        _ integrations: IntegrationRegistry, _ keys: LiveKeys, _ counts: CallbackCounts
    ) -> ConnectServices<Store> {
        let stateSealer = Sealer(keys.state.reference)
        let credentialSealer = CredentialSealer(Sealer(keys.connections.reference))
        let codec = StateTokenCodec(sealer: stateSealer, audience: deployment.publicURL)
        let sessions = SessionCodec(sealer: stateSealer, audience: deployment.publicURL)
        let tickets = TicketCodec(sealer: stateSealer, audience: deployment.publicURL)
        let service = ServiceSettings(
            publicURL: deployment.publicURL, stateLifetime: settings.stateLifetime,
            skew: deployment.stateKeyring.skew, providerTimeout: settings.providerTimeout,
            refreshMargin: settings.refresh.margin,
            confirmation: settings.confirmation, hasStore: deployment.store != .nowhere)
        let standing = FlowStanding(
            integrations: integrations, workspaces: deployment.workspaces, requirement: service.confirmation)
        let ticketCounts = TicketCounts()
        let tracing = development.map { _ in
            FlowTracing(
                journal: FlowJournal(),
                replica:
                    "\(settings.host):\(settings.port), process \(ProcessInfo.processInfo.processIdentifier)",
                codec: codec)
        }
        return ConnectServices(
            settings: service,
            initiate: InitiateFlow(
                settings: service, codec: codec, integrations: integrations, workspaces: deployment.workspaces
            ),
            createSession: CreateSession(
                settings: service, codec: sessions, integrations: integrations,
                workspaces: deployment.workspaces),
            sessions: SessionVerifier(
                codec: sessions, workspaces: deployment.workspaces, publicURL: deployment.publicURL,
                onUnknownKey: keys.stateKeyFinder.find),
            callbacks: CallbackVerifier(
                codec: codec, tickets: tickets, standing: standing, counts: counts,
                ticketCounts: ticketCounts, onUnknownKey: keys.stateKeyFinder.find),
            tickets: TicketVerifier(
                tickets: tickets, standing: standing, counts: ticketCounts,
                onUnknownKey: keys.stateKeyFinder.find),
            completion: FlowCompletion(
                settings: service, stateSealer: stateSealer, credentialSealer: credentialSealer, store: store,
                integrations: integrations, provider: provider, idTokens: idTokens, audit: audit,
                logger: logger,
                journal: tracing?.journal),
            accessTokens: AccessTokens(
                settings: service, sealer: credentialSealer, store: store, integrations: integrations,
                provider: provider, idTokens: idTokens,
                reads: settings.refresh.sweep == nil || !service.hasStore ? nil : TokenReads(), audit: audit,
                logger: logger),
            change: ChangeConnection(store: store, integrations: integrations, audit: audit),
            disconnect: DisconnectConnection(
                settings: service, sealer: credentialSealer, store: store, integrations: integrations,
                provider: provider, audit: audit, logger: logger),
            integrations: integrations,
            readiness: Readiness(
                stateKeyring: keys.state, connectionsKeyring: keys.connections, apiKeys: keys.api,
                store: store, hasStore: service.hasStore, integrations: integrations,
                unwritableLogs: telemetry.unwritableLogs), store: store,
            audit: audit, tracing: tracing)
    }
}
