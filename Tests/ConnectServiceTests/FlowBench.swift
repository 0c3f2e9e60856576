import Access
import ConnectService
import Connections
import ConnectionsTesting
import Logging
import OAuthHTTP
import StateTokens
import Testing

@testable import ConnectionsSQLite

/// A whole service against a token endpoint on loopback and a store in a file.
final class FlowBench: Sendable {
    typealias Completion = FlowCompletion<FaultyStore<SQLiteConnectionStore>>
    typealias Tokens = AccessTokens<FaultyStore<SQLiteConnectionStore>>

    let endpoint: TokenEndpoint
    let deployment: Deployment
    let databaseClock = ManualClock()
    let connectionsKeyring: KeyringReference
    let faults = StoreFaults()
    let store: FaultyStore<SQLiteConnectionStore>
    let logs = LogRecorder()
    private let client: ProviderHTTPClient
    /// For providers that hang; a busy machine must not make the others look like one.
    private let hastyClient: ProviderHTTPClient
    private let folder: TemporaryFolder

    /// - Parameters:
    ///   - extra: more lines of the catalog's entry.
    ///   - providerTimeout: the service's own; the HTTP client's is longer.
    convenience init(_ extra: String = "", providerTimeout: Duration = .seconds(10)) async throws {
        try await self.init(providerTimeout: providerTimeout) { Catalogs.sample(at: $0, extra) }
    }

    /// - Parameter catalog: is given the URL that the token endpoint's paths begin with.
    init(
        providerTimeout: Duration = .seconds(10), workspaces: WorkspaceDirectory? = nil,
        catalog: (_ url: String) -> String
    ) async throws {
        endpoint = try await TokenEndpoint()
        deployment = try Deployment(
            catalog: catalog(endpoint.url), workspaces: workspaces, providerTimeout: providerTimeout)
        folder = try TemporaryFolder()
        connectionsKeyring = KeyringReference(try TestKeys.ring([TestKeys.key(9)], purpose: .connections))
        client = ProviderHTTPClient(
            ProviderHTTPConfiguration(timeout: .seconds(20), allowsInsecureLoopback: true))
        hastyClient = ProviderHTTPClient(
            ProviderHTTPConfiguration(timeout: .milliseconds(500), allowsInsecureLoopback: true))
        let clock = DatabaseClock.injected { [databaseClock] in databaseClock.now }
        store = FaultyStore(
            base: try SQLiteConnectionStore(path: folder.path("store.sqlite"), clock: clock), faults: faults)
    }

    var provider: ProviderClient { ProviderClient(client) }

    deinit {
        let clients = [client, hastyClient]
        Task { for client in clients { await client.shutdown() } }
    }

    /// Another handle on the same file, as another replica has it.
    func replica(
        subscriptions: WebhookSubscriptions = .none
    ) throws -> FaultyStore<SQLiteConnectionStore> {
        let clock = DatabaseClock.injected { [databaseClock] in databaseClock.now }
        return FaultyStore(
            base: try SQLiteConnectionStore(
                path: folder.path("store.sqlite"), clock: clock, subscriptions: subscriptions),
            faults: faults)
    }

    func completion(
        over store: FaultyStore<SQLiteConnectionStore>? = nil, sealingWith keyring: KeyringReference? = nil,
        of other: Deployment? = nil, isHasty: Bool = false
    ) -> Completion {
        FlowCompletion(
            settings: deployment.settings, stateSealer: (other ?? deployment).stateSealer,
            credentialSealer: CredentialSealer(Sealer(keyring ?? connectionsKeyring)),
            store: store ?? self.store,
            provider: ProviderClient(isHasty ? hastyClient : client), logger: logs.logger,
            now: { [deployment] in deployment.clock.now })
    }

    func accessTokens(
        over store: FaultyStore<SQLiteConnectionStore>? = nil, of other: Deployment? = nil,
        isHasty: Bool = false, idTokens: IDTokenVerifier? = nil, reads: TokenReads? = nil,
        spans: StoreSpans = .none
    ) -> Tokens {
        AccessTokens(
            settings: deployment.settings, sealer: CredentialSealer(Sealer(connectionsKeyring)),
            store: store ?? self.store, integrations: (other ?? deployment).registry,
            provider: ProviderClient(isHasty ? hastyClient : client), idTokens: idTokens,
            reads: reads, spans: spans, logger: logs.logger, now: { [deployment] in deployment.clock.now })
    }

    func disconnect(of other: Deployment? = nil) -> DisconnectConnection<FaultyStore<SQLiteConnectionStore>> {
        DisconnectConnection(
            settings: deployment.settings, sealer: CredentialSealer(Sealer(connectionsKeyring)), store: store,
            integrations: (other ?? deployment).registry,
            provider: ProviderClient(client), logger: logs.logger)
    }

    /// Does to the rows what no service would.
    func tamper(_ sql: String) async throws {
        try await store.base.write { try $0.database.write(sql, []) }
    }

    /// Both clocks; they are set apart on purpose only.
    func advance(by duration: Duration) {
        deployment.clock.advance(by: duration)
        databaseClock.advance(by: duration)
    }

    func connections() async throws -> [Connection] {
        try await store.connections(matching: ConnectionQuery(workspaceID: Deployment.workspaceID))
            .connections
    }

    /// A connection with what `answer` grants.
    func connect(_ answer: String = Grant.json(), code: String = "first", userID: String? = nil) async throws
        -> ConnectionID
    {
        endpoint.answer(.json(answer))
        let conclusion = await completion().complete(
            try deployment.authorized(code: code, userID: userID), binding: .direct)
        guard case .finished(.success(let id)) = conclusion else {
            Issue.record("no connection: \(conclusion)")
            throw StoreError.notFound
        }
        return id
    }

    /// A flow that renews a connection and comes back with `code`.
    func renewal(of id: ConnectionID, code: String = "second", userID: String? = nil) throws -> AuthorizedFlow
    {
        try deployment.authorized(
            code: code,
            InitiateCommand(
                integrationID: "sample", redirectURI: Deployment.redirectURI, connectionID: id.description),
            userID: userID)
    }

    func read(_ id: ConnectionID) async throws -> OpenConnection {
        try await accessTokens().read(id, Deployment.workspaceID)
    }
}
