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
internal import NIOPosix
internal import OAuthHTTP
internal import OpenTelemetry
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
    private let sources: SettingsSources
    private let deployment: Deployment
    private let telemetry: Telemetry
    private let logger: Logger
    private let audit: AuditLog
    private let webhooks: WebhookEndpoints
    private let findings: [SettingsReader.Finding]

    /// - Parameters:
    ///   - findings: where each setting comes from.
    ///   - sources: what the settings were read from.
    init(
        _ settings: Settings, _ findings: [SettingsReader.Finding], from sources: SettingsSources,
        _ deployment: Deployment, _ telemetry: Telemetry
    ) {
        self.settings = settings
        self.findings = findings
        self.sources = sources
        self.deployment = deployment
        self.telemetry = telemetry
        logger = telemetry.logger
        audit = telemetry.auditLog
        webhooks = WebhookEndpoints(deployment.workspaces, logger: logger) { path in
            try await NIOThreadPool.singleton.runIfActive { try WebhookEndpoints.read(path) }
        }
    }

    /// Runs until a signal ends it, and finishes the requests in progress.
    ///
    /// - Parameter whenRunning: called once the port is open.
    func run(whenRunning: @escaping @Sendable () -> Void) async throws {
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        let verbosity = LogLevelSignals(
            levels: telemetry.levels, signals: await UnixSignalsSequence(trapping: .sigusr1), logger: logger)
        switch deployment.store {
        case .sqlite(let path):
            let store = try SQLiteConnectionStore(path: path, subscriptions: webhooks.subscriptions)
            try await run(
                store, outbox: store, uses: store, load: nil, hangups, verbosity, whenRunning: whenRunning)
        #if PostgreSQL
        case .postgreSQL(let url):
            let store = PostgreSQLConnectionStore(
                try ServerAddress(url), connectionCount: settings.storeConnections,
                subscriptions: webhooks.subscriptions)
            await report(store)
            try await run(
                store, outbox: store, uses: store, load: { store.load }, hangups, verbosity,
                whenRunning: whenRunning)
            await store.close()
        #endif
        case .nowhere:
            try await run(
                TransientStore(skew: deployment.stateKeyring.skew), outbox: nil, uses: nil, load: nil,
                hangups, verbosity, whenRunning: whenRunning)
        }
    }

    private func run(
        _ store: some ConnectionStore, outbox: (any WebhookOutbox)?,
        uses: (any APIKeyUseStore)?, load: (@Sendable () -> StorePoolLoad)?, _ hangups: UnixSignalsSequence,
        _ verbosity: LogLevelSignals,
        whenRunning: @escaping @Sendable () -> Void
    ) async throws {
        let keys = LiveKeys(
            deployment, stateLifetime: settings.stateLifetime, logger: telemetry.logger(of: .keys))
        let counts = CallbackCounts()
        let tracing = settings.tracing.map {
            TracePipeline(
                $0, certificateFile: settings.providers.certificateFile, metrics: telemetry.registry,
                logger: telemetry.logger(of: .tracing))
        }
        let provider = ProviderHTTPClient(settings.providers.http(), tracer: tracing?.recorder)
        let integrations = IntegrationRegistry(
            deployment.catalog, settings: deployment.integrations, workspaces: deployment.workspaces,
            allowsInsecureLoopback: settings.allowsInsecureLoopback)
        integrations.discovery = ConnectionDiscovery(
            DiscoveryClient(provider), logger: telemetry.logger(of: .flows))
        let definitions = self.definitions(integrations)
        let keySets = KeySetClient(provider)
        let idTokens = IDTokenVerifier(logger: telemetry.logger(of: .flows)) {
            KeySetDocument(try await keySets.fetch($0, isHostNamedByCaller: $1))
        }
        let services = self.services(
            store, ProviderClient(provider), idTokens, integrations, definitions, keys, counts,
            spans: StoreSpans(tracer: tracing?.recorder, system: deployment.store.systemName))
        let sweep = deployment.store == .nowhere ? nil : settings.refresh.sweep
        let sweeps = sweep.map { Sweep(sweep: ConnectionSweep(services.accessTokens, settings: $0)) }
        let revocations: [any Service] =
            deployment.store == .nowhere
            ? [] : [Revocations(worker: RevocationWorker(services.accessTokens))]
        let keyUses = uses.map { KeyUseNotes($0, keys.api.uses, logger: telemetry.logger(of: .keys)) }
        let figures = ScrapeFigures(
            keyrings: { [readiness = services.readiness] in readiness.schedules() }, provider: provider,
            store: load)
        let metrics = MetricsRoute { [registry = telemetry.registry] in registry.text(with: figures.values())
        }
        let activity = ActivityRecord(telemetry.registry)
        let tokenKeys = settings.tokens.map {
            TokenKeys($0, client: provider, logger: telemetry.logger(of: .keys))
        }
        let tokens = settings.tokens.flatMap { settings in
            tokenKeys.map { TokenAuthentication(settings, keys: $0.keys) }
        }
        let authenticator = Authenticator(
            keys.api, tokens: tokens, sessions: services.sessions, limits: settings.limits.requests,
            audit: audit)
        let routes = try ConnectRouter(
            services, authenticator: authenticator, limits: settings.limits.requests,
            proxies: settings.limits.proxies, metrics: metrics,
            tracing: tracing.map { RequestTracing($0.recorder, publicURL: deployment.publicURL) },
            deployment: facts(outbox, activity))
        let files = OpenFiles.makeRoom(forConnections: settings.limits.connectionCount)
        files.report(to: logger)
        let limits = ServerLimits(
            connectionCount: files.connectionCount,
            shares: settings.limits.connectionShares(isProduction: deployment.development == nil))
        let http = telemetry.logger(of: .http)
        let application = Application(
            router: routes.router(development: development),
            server: limits.server(
                before: routes.eventLoopResponder(development: development, logger: http),
                under: deployment.publicURL.path),
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), serverName: nil, backlog: 1_024,
                availableConnectionsDelegate:
                    .maximum(limits.connectionCount, logger: http)),
            onServerRunning: { _ in whenRunning() }, logger: http)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                // The first is the last to end.
                services: traceExport(tracing) + [
                    KeyringWatch(
                        [keys.state, keys.connections], keys.api, definitions, hangups: hangups,
                        auditFile: telemetry.auditFile, logger: telemetry.logger(of: .keys)),
                    CallbackSummary(counts: counts, logger: telemetry.logger(of: .flows)), verbosity,
                    ProviderConnections(client: provider),
                    OngoingFlowsWait(flows: services.ongoing, limit: services.settings.claimLease),
                    ActivitySamples(record: activity),
                    Discovery(
                        service: DiscoveryService(
                            integrations, client: DiscoveryClient(provider),
                            logger: telemetry.logger(of: .flows))),
                    Housekeeping(store, logger: logger),
                ] + (sweeps.map { [$0] } ?? []) + webhookSender(outbox, provider)
                    + revocations + (keyUses.map { [$0] } ?? []) + (tokenKeys.map { [$0] } ?? [])
                    + metricsListener(metrics)
                    + [application],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: logger))
        try await group.run()
    }

    /// What an operator may know of this process.
    private func facts(_ outbox: (any WebhookOutbox)?, _ activity: ActivityRecord) -> DeploymentFacts {
        let process = ProcessInfo.processInfo
        return DeploymentFacts(
            version: Release.version,
            replica: "\(process.hostName), process \(process.processIdentifier)",
            settings: findings.map { finding in
                DeploymentFacts.Setting(
                    name: finding.setting.name, value: finding.shown, source: finding.source)
            }, outbox: outbox, logLevels: telemetry.levels, activity: activity)
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
                    address: .hostname(address.host, port: address.port), serverName: nil),
                logger: telemetry.logger(of: .http))
        ]
    }

    /// Sends spans to the end, where requests are traced.
    private func traceExport(_ tracing: TracePipeline?) -> [any Service] { tracing.map { [$0.export] } ?? [] }

    /// The operator's entries and the workspaces, as their files change.
    private func definitions(_ integrations: IntegrationRegistry) -> LiveDefinitions {
        let files = DefinitionFiles(sources, settings, deployment)
        let record = DefinitionReloadRecord(logger: logger)
        return LiveDefinitions(
            LiveDefinitions.Definitions(
                catalog: deployment.catalog, settings: deployment.integrations,
                workspaces: WorkspaceDirectory(deployment.workspaces.workspaces)),
            in: integrations, deployment.workspaces, webhooks: webhooks, files: files.paths,
            load: { () throws(LiveDefinitions.Problem) -> LiveDefinitions.Definitions in try files.load() },
            observer: { record.note($0) })
    }

    /// Sends webhooks, while a workspace has an endpoint.
    private func webhookSender(
        _ outbox: (any WebhookOutbox)?, _ provider: ProviderHTTPClient
    ) -> [any Service] {
        outbox.map { [sender($0, provider)] } ?? []
    }

    private func sender(_ outbox: some WebhookOutbox, _ provider: ProviderHTTPClient) -> any Service {
        WebhookSender(outbox, to: webhooks, client: provider, logger: telemetry.logger(of: .webhooks))
    }

    private var development: DevelopmentMode? {
        guard let development = deployment.development else { return nil }
        return DevelopmentMode(
            port: settings.port, publicURL: deployment.publicURL, apiKeyFile: development.apiKeyFile,
            pageKey: development.pageKey.text, sandboxSecret: development.sandboxSecret)
    }

    private func services<Store: ConnectionStore>(
        _ store: Store, _ provider: ProviderClient, _ idTokens: IDTokenVerifier,
        _ integrations: IntegrationRegistry, _ definitions: LiveDefinitions, _ keys: LiveKeys,
        _ counts: CallbackCounts, spans: StoreSpans
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
            confirmation: settings.confirmation, hasStore: deployment.store != .nowhere,
            documentationURL: settings.documentationURL)
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
                logger: telemetry.logger(of: .flows),
                journal: tracing?.journal, spans: spans),
            accessTokens: AccessTokens(
                settings: service, sealer: credentialSealer, store: store, integrations: integrations,
                provider: provider, idTokens: idTokens,
                reads: settings.refresh.sweep == nil || !service.hasStore ? nil : TokenReads(), audit: audit,
                spans: spans, logger: telemetry.logger(of: .connections)),
            change: ChangeConnection(store: store, integrations: integrations, audit: audit),
            disconnect: DisconnectConnection(
                settings: service, sealer: credentialSealer, store: store, integrations: integrations,
                provider: provider, audit: audit, logger: telemetry.logger(of: .connections)),
            integrations: integrations,
            readiness: Readiness(
                stateKeyring: keys.state, connectionsKeyring: keys.connections, apiKeys: keys.api,
                store: store, hasStore: service.hasStore, integrations: integrations,
                definitions: definitions,
                unwritableLogs: telemetry.unwritableLogs), store: store,
            audit: audit, tracing: tracing)
    }
}
