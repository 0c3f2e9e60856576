import ConnectService
import Connections
import ConnectionsTesting
import Logging
import OAuthHTTP
import StateTokens
import Synchronization

/// A year of many connections: two replicas of the service, a provider that forgives nothing, an app that is down at
/// times, and a clock that runs ahead four hours at a time.
///
/// What happens is chosen by a generator with a fixed seed.
final class Year<Store: ConnectionStore & WebhookOutbox> {
    private static var step: Duration { .seconds(14_400) }
    private static var stepsPerDay: Int { 6 }

    /// What happens to a connection in its year.
    struct Life {
        let number: Int
        let integrationID: String
        /// The day on which its user connects.
        let start: Int
        /// The days on which its app reads the token every four hours.
        let busy: ClosedRange<Int>
        /// The day on which its user takes the grant back at the provider.
        var revoked: Int?
        /// The day on which the app disconnects it.
        var disconnected: Int?
        var id: ConnectionID?
    }

    private struct Replica {
        let store: Store
        let keyring: KeyringReference
        let tokens: AccessTokens<Store>
        let sweep: ConnectionSweep<Store>
        let deliveries: WebhookDeliveries<Store>
    }

    let grants: StrictGrants
    let inbox = AppInbox()
    private(set) var lives: [Life]
    /// Whatever an app met that it should not have.
    private(set) var faults: [String] = []
    private(set) var readCount = 0
    /// Whose refresh token was replaced after the backup that was restored: no one has the newest one any more.
    private(set) var lost: Set<Int> = []
    private var rotations: Set<StrictGrants.Rotation> = []

    private let stores: [Store]
    private let run: (_ sql: String) async throws -> Void
    private let clock: ManualClock
    private let endpoint: TokenEndpoint
    private let deployment: Deployment
    private let webhooks: WebhookEndpoints
    private let client: ProviderHTTPClient
    private let logger: Logger
    private let elapsed = ElapsedTime()
    private var replicas: [Replica] = []
    private var keyNumber: UInt32 = 9
    private var generator = SplitMix(seed: 20_261_129)

    /// - Parameters:
    ///   - secretFile: with a webhook secret.
    ///   - stores: makes two handles on one new store.
    ///   - run: does to the tables what no service would.
    init(
        connectionCount: Int, secretFile: String, logger: Logger,
        stores: (ManualClock, WebhookSubscriptions) async throws -> [Store],
        run: @escaping (_ sql: String) async throws -> Void
    ) async throws {
        let endpoint = try await TokenEndpoint()
        let policies = Self.policies
        let entries = policies.keys.sorted().map { id in
            Catalogs.entry(at: endpoint.url, id: id, Self.rules[id] ?? "")
        }
        let webhooks = WebhookEndpoints(
            WorkspaceDirectory([
                Workspace(
                    id: Deployment.workspaceID, redirectURIs: .everyLoopback,
                    webhooks: [
                        WebhookEndpoint(
                            url: "https://app.example.com/webhooks", secretFile: secretFile,
                            types: Set(WebhookType.allCases))
                    ])
            ]))
        let deployment = try Deployment(catalog: "integrations:\n" + entries.joined(separator: "\n"))
        let grants = StrictGrants(policies) { deployment.clock.now }
        endpoint.script { grants.answer($0) }
        clock = ManualClock()
        self.endpoint = endpoint
        self.deployment = deployment
        self.webhooks = webhooks
        self.grants = grants
        self.logger = logger
        self.run = run
        self.stores = try await stores(clock, webhooks.subscriptions)
        client = ProviderHTTPClient(
            ProviderHTTPConfiguration(timeout: .seconds(20), allowsInsecureLoopback: true))
        let ids = policies.keys.sorted()
        lives = []
        for number in 0..<connectionCount {
            let start = Int.random(in: 0..<30, using: &generator)
            let busy = Int.random(in: start..<360, using: &generator)
            var life = Life(
                number: number, integrationID: ids[number % ids.count], start: start, busy: busy...busy + 1)
            switch Int.random(in: 0..<20, using: &generator) {
            case 0: life.revoked = Int.random(in: 40..<200, using: &generator)
            case 1: life.disconnected = Int.random(in: 40..<240, using: &generator)
            default: break
            }
            lives.append(life)
        }
        try restart(ring: try TestKeys.ring([TestKeys.key(9)], purpose: .connections))
    }

    /// Providers of the kinds that there are.
    private static var policies: [String: StrictGrants.Policy] {
        [
            "rotating": .init(rotates: true, idleLifetime: .seconds(60 * 86_400)),
            "fortnight": .init(rotates: true, idleLifetime: .seconds(14 * 86_400)),
            "stable": .init(idleLifetime: .seconds(180 * 86_400)),
            "eternal": .init(hasRefreshToken: false, tokenLifetime: nil),
            "sixty-days": .init(hasRefreshToken: false, tokenLifetime: .seconds(60 * 86_400)),
        ]
    }

    /// What their entries say.
    private static var rules: [String: String] {
        [
            "rotating": "refresh: {mode: rotates, idle_lifetime: \(60 * 86_400)}",
            "fortnight": "refresh: {mode: rotates, token_lifetime: \(14 * 86_400)}",
            "stable": "refresh: {mode: stable}",
            "eternal": "refresh: {mode: none}",
            "sixty-days": "refresh: {mode: none}",
        ]
    }

    /// New replicas, as after a restart, on the same stores.
    private func restart(ring: Keyring) throws {
        replicas = stores.map { store in
            let keyring = KeyringReference(ring)
            let tokens = AccessTokens(
                settings: deployment.settings, sealer: CredentialSealer(Sealer(keyring)), store: store,
                integrations: deployment.registry, provider: ProviderClient(client), reads: TokenReads(),
                logger: logger, now: { [deployment] in deployment.clock.now })
            return Replica(
                store: store, keyring: keyring, tokens: tokens,
                sweep: ConnectionSweep(tokens, clock: { [elapsed] in elapsed.now }),
                deliveries: WebhookDeliveries(store, to: webhooks, logger: logger) { [inbox] request in
                    inbox.take(request)
                })
        }
    }

    // MARK: Its days

    func live() async throws {
        for day in 0..<365 {
            if day.isMultiple(of: 7) { try restart(ring: replicas[0].keyring.current) }
            if day.isMultiple(of: 60), day > 0 { try publishKey() }
            if day % 60 == 2, day > 60 { try await dropOldKeys() }
            if day == 250 { try await backUp() }
            if day == 251 { try await restore() }
            try await happenings(on: day)
            for slot in 0..<Self.stepsPerDay {
                advance()
                // The second replica gets a new ring four hours after the first.
                if slot == 1 { replicas[1].keyring.replace(with: replicas[0].keyring.current) }
                await sweep()
                for index in lives.indices where lives[index].busy.contains(day) {
                    try await read(index)
                }
                await deliver()
            }
        }
        inbox.setDown(false)
        for _ in 0..<20 {
            advance()
            await deliver()
        }
        await client.shutdown()
    }

    private func advance() {
        clock.advance(by: Self.step)
        deployment.clock.advance(by: Self.step)
        elapsed.advance(by: Self.step)
    }

    private func happenings(on day: Int) async throws {
        grants.setDown((100..<102).contains(day), "rotating")
        grants.setDown((200..<202).contains(day), "fortnight")
        inbox.setDown((150..<152).contains(day))
        for index in lives.indices {
            let life = lives[index]
            if life.start == day { try await connect(index) }
            if life.revoked == day { grants.revoke(life.number) }
            if life.disconnected == day { try await disconnect(life) }
        }
    }

    private static var tables: [String] { ["connections", "credentials"] }

    /// As a nightly copy of the database does.
    private func backUp() async throws {
        for table in Self.tables { try await run("CREATE TABLE \(table)_backup AS SELECT * FROM \(table)") }
        rotations = grants.rotations
    }

    private func restore() async throws {
        try await run("DELETE FROM connections")
        for table in Self.tables { try await run("INSERT INTO \(table) SELECT * FROM \(table)_backup") }
        lost = Set(grants.rotations.subtracting(rotations).map(\.number))
    }

    private func connect(_ index: Int) async throws {
        let life = lives[index]
        let replica = replicas[life.number % 2]
        let flows = FlowCompletion(
            settings: deployment.settings, stateSealer: deployment.stateSealer,
            credentialSealer: CredentialSealer(Sealer(replica.keyring)), store: replica.store,
            provider: ProviderClient(client), logger: logger,
            now: { [deployment] in deployment.clock.now })
        var command = InitiateCommand(
            integrationID: life.integrationID, redirectURI: Deployment.redirectURI)
        command.newConnection = true
        let flow = try deployment.authorized(code: StrictGrants.code(life.number), command)
        guard case .finished(.success(let id)) = await flows.complete(flow, binding: .direct) else {
            return faults.append("\(life.number): no connection")
        }
        lives[index].id = id
    }

    private func disconnect(_ life: Life) async throws {
        guard let id = life.id else { return }
        let before = endpoint.revocations.count
        let replica = replicas[0]
        let disconnect = DisconnectConnection(
            settings: deployment.settings, sealer: CredentialSealer(Sealer(replica.keyring)),
            store: replica.store, integrations: deployment.registry, provider: ProviderClient(client),
            logger: logger)
        _ = try await disconnect.end(id, workspaceID: Deployment.workspaceID)
        let tokens = endpoint.revocations.dropFirst(before).compactMap { $0.fields["token"] }
        if let token = grants.refreshToken(of: life.number), !tokens.contains(token) {
            faults.append("\(life.number): the newest refresh token was not revoked: \(tokens)")
        }
        grants.revoke(life.number)
    }

    private func sweep() async {
        await withDiscardingTaskGroup { group in
            for sweep in replicas.map(\.sweep) {
                group.addTask { while await sweep.pass() {} }
            }
        }
    }

    private func deliver() async {
        await withDiscardingTaskGroup { group in
            for deliveries in replicas.map(\.deliveries) {
                group.addTask { [webhooks] in
                    for target in webhooks.targets { await deliveries.deliver(to: target) }
                }
            }
        }
    }

    /// The app takes the token from either replica, and uses it.
    private func read(_ index: Int) async throws {
        let life = lives[index]
        guard let id = life.id else { return }
        let tokens = replicas[Int.random(in: 0...1, using: &generator)].tokens
        readCount += 1
        do throws(AccessTokenError) {
            let open = try await tokens.current(id, workspaceID: Deployment.workspaceID)
            tokens.noteRead(open)
            if !grants.isGood(open.credentials.accessToken), !grants.isRevoked(life.number) {
                faults.append("\(life.number): a token that is not good was handed out")
            }
        } catch .reconnectRequired {
            if !isOver(life) { faults.append("\(life.number): to be connected again, and it lives") }
        } catch .notFound {
            if life.disconnected == nil { faults.append("\(life.number): not found") }
        } catch {
            if !grants.isDown(life.integrationID) { faults.append("\(life.number): \(error)") }
        }
    }

    /// Whether the grant is over by its user, by its age or by the restore.
    func isOver(_ life: Life) -> Bool {
        life.revoked != nil && grants.isRevoked(life.number) || life.integrationID == "sixty-days"
            || lost.contains(life.number)
    }

    // MARK: Its keys

    /// A new key that seals when every replica has it.
    private func publishKey() throws {
        keyNumber += 1
        let now = deployment.clock.now
        let key = try TestKeys.key(keyNumber)
        let current = replicas[0].keyring.current
        let next = Key(id: key.id, material: key.material, created: now, activates: now + .seconds(43_200))
        replicas[0].keyring.replace(with: try TestKeys.ring(current.keys + [next], purpose: .connections))
    }

    /// Seals every row under the newest key, and forgets the others.
    private func dropOldKeys() async throws {
        let ring = replicas[0].keyring.current
        let now = deployment.clock.now
        _ = try await ResealConnections(store: stores[0], keyring: ring, pause: .zero)
            .run(at: { now }, progress: { _ in })
        let newest = ring.keys.filter { $0.id.rawValue == keyNumber }
        for replica in replicas {
            replica.keyring.replace(with: try TestKeys.ring(newest, purpose: .connections))
        }
    }

    // MARK: Its end

    func status(of life: Life) async throws -> ConnectionStatus? {
        guard let id = life.id else { return nil }
        return try await stores[0].connection(id, workspaceID: Deployment.workspaceID)?.status
    }

    /// How many messages wait, and how many were given up.
    func backlog() async throws -> WebhookBacklog { try await stores[0].webhookBacklog() }

}

/// Time that passes when a test says so, for what waits by a clock that never jumps.
private final class ElapsedTime: Sendable {
    private let start = ContinuousClock.now
    private let passed = Mutex(Duration.zero)

    var now: ContinuousClock.Instant { start + passed.withLock { $0 } }

    func advance(by duration: Duration) { passed.withLock { $0 += duration } }
}

/// Steele, Lea and Flood's generator: the same numbers for the same seed.
private struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
