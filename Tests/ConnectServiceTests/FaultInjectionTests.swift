import Connections
import ConnectionsSQLite
import ConnectionsTesting
import Integrations
import Logging
import OAuth
import StateTokens
import Synchronization
import Testing

@testable import ConnectService

/// Each call of the store fails once, or the caller goes away just then; whatever it was, the next attempt mends it.
@Suite("A fault at every step") struct FaultInjectionTests {
    private static let workspaceID = Deployment.workspaceID

    enum Kind: CaseIterable {
        case storeFails
        /// The store does what it was asked, and the caller is told that it cannot be reached.
        case storeFailsAfterwards
        case callerLeaves
    }

    /// Runs a task with a fault at its nth call, for every n, until there is no such call.
    private func forEveryCall(
        of kind: Kind, prepare: (Int) async throws -> StoreFaults,
        run: @escaping @Sendable (Int) async -> Void, then check: (Int) async throws -> Void
    ) async throws -> Int {
        var number = 0
        var hasFired = true
        while hasFired, number < 50 {
            number += 1
            let faults = try await prepare(number)
            let caller = Mutex<Task<Void, Never>?>(nil)
            let leave: @Sendable () -> Void = { caller.withLock { $0?.cancel() } }
            let action: PlannedFault.Action =
                switch kind {
                case .storeFails: .fail
                case .storeFailsAfterwards: .failAfterwards
                case .callerLeaves: .run(leave)
                }
            faults.plan(PlannedFault(left: number, action: action))
            let current = number
            let task = Task {
                // It must be known before it can be cancelled.
                while caller.withLock({ $0 == nil }) { await Task.yield() }
                await run(current)
            }
            caller.withLock { $0 = task }
            await task.value
            hasFired = faults.hasFired
            faults.plan(nil)
            try await check(number)
        }
        return number - 1
    }
}

// MARK: Refreshing

extension FaultInjectionTests {
    private struct Stage: Sendable {
        let bench: FlowBench
        let provider = StrictRefreshes()
        let id: ConnectionID

        init() async throws {
            // A revocation ends one token, whoever lives by it.
            bench = try await FlowBench("refresh: {mode: rotates}\nrevocation: {ends: token}")
            id = try await bench.connect()
            bench.endpoint.script { [provider] in provider.answer(to: $0) }
            bench.advance(by: .seconds(3_600))
        }

        /// Everything is as if there had been no fault.
        func check(_ comment: Comment) async throws {
            bench.advance(by: .seconds(120))
            let found = try await bench.accessTokens().current(
                id, workspaceID: FaultInjectionTests.workspaceID)
            #expect(provider.reused.isEmpty, comment)
            #expect(bench.endpoint.revocations.isEmpty, comment)
            #expect(found.credentials.accessToken == "access-\(provider.number)", comment)
            #expect(found.credentials.refreshToken == "refresh-\(provider.number)", comment)
            #expect(found.connection.status == .active, comment)
            #expect(provider.number == 2, comment)
        }
    }

    @Test(arguments: Kind.allCases)
    func `S24 a refresh loses no refresh token, and sends none twice`(_ kind: Kind) async throws {
        let stages = Mutex<[Int: Stage]>([:])
        let count = try await forEveryCall(of: kind) { number in
            let stage = try await Stage()
            stages.withLock { $0[number] = stage }
            return stage.bench.faults
        } run: { number in
            guard let stage = stages.withLock({ $0[number] }) else { return }
            _ = try? await stage.bench.accessTokens().current(stage.id, workspaceID: Self.workspaceID)
        } then: { number in
            try await stages.withLock { $0.removeValue(forKey: number) }?.check("call \(number)")
        }
        #expect(count >= 4, "it reads, begins, finishes and reads again")
    }

    @Test(arguments: Kind.allCases)
    func `S24 a sweep loses no refresh token, and sends none twice`(_ kind: Kind) async throws {
        let stages = Mutex<[Int: Stage]>([:])
        let count = try await forEveryCall(of: kind) { number in
            let stage = try await Stage()
            // Within the time in which a token counts as used.
            let tokens = stage.bench.accessTokens(reads: TokenReads())
            tokens.noteRead(try await stage.bench.read(stage.id))
            await tokens.flushReads()
            stages.withLock { $0[number] = stage }
            return stage.bench.faults
        } run: { number in
            guard let stage = stages.withLock({ $0[number] }) else { return }
            await ConnectionSweep(stage.bench.accessTokens()).pass()
        } then: { number in
            guard let stage = stages.withLock({ $0.removeValue(forKey: number) }) else { return }
            stage.bench.advance(by: .seconds(400))
            await ConnectionSweep(stage.bench.accessTokens()).pass()
            try await stage.check("call \(number)")
        }
        #expect(count >= 5, "it takes, reads, begins, finishes and reads again")
    }
}

// MARK: Ending

extension FaultInjectionTests {
    @Test(arguments: Kind.allCases)
    func `a grant that is over is expired once`(_ kind: Kind) async throws {
        let stages = Mutex<[Int: (bench: FlowBench, id: ConnectionID)]>([:])
        let count = try await forEveryCall(of: kind) { number in
            let bench = try await FlowBench()
            let id = try await bench.connect(Grant.json(refresh: nil))
            bench.advance(by: .seconds(3_700))
            stages.withLock { $0[number] = (bench, id) }
            return bench.faults
        } run: { number in
            guard let stage = stages.withLock({ $0[number] }) else { return }
            await ConnectionSweep(stage.bench.accessTokens()).pass()
        } then: { number in
            guard let stage = stages.withLock({ $0.removeValue(forKey: number) }) else { return }
            // Longer than the lease of what was taken.
            for _ in 0..<2 {
                stage.bench.advance(by: .seconds(400))
                await ConnectionSweep(stage.bench.accessTokens()).pass()
            }
            let events = try await stage.bench.store.events(of: stage.id, workspaceID: Self.workspaceID)
            #expect(events?.map(\.type) == ["expired", "created"], "call \(number)")
        }
        #expect(count >= 4, "it takes, reads, updates and schedules")
    }

    @Test(arguments: Kind.allCases)
    func `S21 a deletion leaves no grant`(_ kind: Kind) async throws {
        let stages = Mutex<[Int: (bench: FlowBench, id: ConnectionID)]>([:])
        let count = try await forEveryCall(of: kind) { number in
            let bench = try await FlowBench()
            let id = try await bench.connect()
            stages.withLock { $0[number] = (bench, id) }
            return bench.faults
        } run: { number in
            guard let stage = stages.withLock({ $0[number] }) else { return }
            _ = try? await stage.bench.disconnect().end(stage.id, workspaceID: Self.workspaceID)
        } then: { number in
            guard let stage = stages.withLock({ $0.removeValue(forKey: number) }) else { return }
            _ = try await stage.bench.disconnect().end(stage.id, workspaceID: Self.workspaceID)
            #expect(try await stage.bench.connections().isEmpty, "call \(number)")
            let asked = stage.bench.endpoint.revocations.map { $0.fields["token"] }
            #expect(asked == ["refresh-1"], "call \(number)")
        }
        #expect(count >= 3, "it reads, deletes and notes the revocation")
    }
}

// MARK: Connecting again

extension FaultInjectionTests {
    private struct SecondFlow: Sendable {
        let bench: FlowBench
        let id: ConnectionID
        let flow: AuthorizedFlow

        init() async throws {
            bench = try await FlowBench()
            id = try await bench.connect()
            flow = try bench.deployment.authorized(
                code: "second",
                InitiateCommand(integrationID: "sample", redirectURI: Deployment.redirectURI))
            bench.endpoint.answer(.json(Grant.json(token: "access-2", refresh: "refresh-2")))
        }

        /// The connection has the grant that the user's browser was told of, and there is no other.
        func check(_ comment: Comment) async throws {
            let conclusion = await bench.completion().complete(flow, binding: .direct)
            #expect(try await bench.connections().map(\.id) == [id], comment)
            let token = try await bench.read(id).credentials.accessToken
            #expect(token == (conclusion == .finished(.success(id)) ? "access-2" : "access-1"), comment)
            #expect(bench.endpoint.revocations.isEmpty, comment)
        }
    }

    @Test(arguments: Kind.allCases)
    func `S21 a second flow of an account makes no second connection, and loses no grant`(_ kind: Kind)
        async throws
    {
        let stages = Mutex<[Int: SecondFlow]>([:])
        let count = try await forEveryCall(of: kind) { number in
            let stage = try await SecondFlow()
            stages.withLock { $0[number] = stage }
            return stage.bench.faults
        } run: { number in
            guard let stage = stages.withLock({ $0[number] }) else { return }
            _ = await stage.bench.completion().complete(stage.flow, binding: .direct)
        } then: { number in
            try await stages.withLock { $0.removeValue(forKey: number) }?.check("call \(number)")
        }
        #expect(count >= 3, "it claims, finds the connection and renews it")
    }
}

// MARK: Revoking

extension FaultInjectionTests {
    @Test(arguments: Kind.allCases)
    func `S21 a revocation leaves no grant, and asks for none more than twice`(
        _ kind: Kind
    ) async throws {
        let stages = Mutex<[Int: FlowBench]>([:])
        let count = try await forEveryCall(of: kind) { number in
            let bench = try await FlowBench()
            for name in ["a", "b"] {
                _ = try await bench.connect(
                    Grant.json(token: "access-\(name)", refresh: "refresh-\(name)", account: name), code: name
                )
            }
            stages.withLock { $0[number] = bench }
            return bench.faults
        } run: { number in
            guard let bench = stages.withLock({ $0[number] }) else { return }
            _ = try? await Self.begin(in: bench)
            await RevocationWorker(bench.accessTokens()).pass()
        } then: { number in
            guard let bench = stages.withLock({ $0.removeValue(forKey: number) }) else { return }
            let stage = (bench: bench, id: try await Self.begin(in: bench).id)
            // Longer than the lease of what was taken.
            stage.bench.advance(by: .seconds(300))
            for _ in 0..<2 { await RevocationWorker(stage.bench.accessTokens()).pass() }
            let counts = try await stage.bench.store.revocation(stage.id)?.counts
            #expect(counts?.revoked == 2 && counts?.left == 0, "call \(number)")
            let asked = stage.bench.endpoint.revocations.map { $0.fields["token"] }
            #expect(Set(asked) == ["refresh-a", "refresh-b"], "call \(number)")
            #expect(asked.allSatisfy { token in asked.count { $0 == token } <= 2 }, "call \(number)")
        }
        #expect(count >= 6, "it begins, takes, and reads and concludes each")
    }

    /// The same revocation each time.
    private static func begin(in bench: FlowBench) async throws -> Revocation {
        try await RevokeGrants(bench.accessTokens()).begin(
            RevocationFilter(workspaceID: workspaceID), isDryRun: false, idempotencyKey: "leak",
            credentialID: "key_one")
    }
}

// MARK: Webhooks

extension FaultInjectionTests {
    private struct FaultyOutbox: WebhookOutbox {
        let base: SQLiteConnectionStore
        let faults: StoreFaults

        func dueWebhookTargets() async throws(StoreError) -> [WebhookTarget] {
            try await base.dueWebhookTargets()
        }

        func takeWebhooks(
            for target: WebhookTarget, owner: LeaseOwner, lease: Duration, limit: Int
        ) async throws(StoreError) -> WebhookBatch {
            try await faults.around(.takeWebhooks) { () async throws(StoreError) in
                try await base.takeWebhooks(for: target, owner: owner, lease: lease, limit: limit)
            }
        }

        func webhookDelivered(_ id: String, owner: LeaseOwner) async throws(StoreError) -> Bool {
            try await faults.around(.webhookDelivered) { () async throws(StoreError) in
                try await base.webhookDelivered(id, owner: owner)
            }
        }

        func webhookFailed(
            _ id: String, owner: LeaseOwner, error: String, delay: Duration?
        ) async throws(StoreError) -> Bool {
            try await faults.around(.webhookFailed) { () async throws(StoreError) in
                try await base.webhookFailed(id, owner: owner, error: error, delay: delay)
            }
        }

        func listWebhooks(
            workspaceID: String?, areDead: Bool?, limit: Int
        ) async throws(StoreError) -> [Result<WebhookMessage, UnreadableWebhook>] {
            try await base.listWebhooks(workspaceID: workspaceID, areDead: areDead, limit: limit)
        }

        func replayWebhook(_ reference: WebhookReference) async throws(StoreError) -> WebhookReplay {
            try await base.replayWebhook(reference)
        }

        func dropWebhook(_ reference: WebhookReference) async throws(StoreError) -> WebhookDrop {
            try await base.dropWebhook(reference)
        }

        func announceReauthorizations(limit: Int) async throws(StoreError) -> Int {
            try await base.announceReauthorizations(limit: limit)
        }

        func announceAbandonedFlows(limit: Int) async throws(StoreError) -> Int {
            try await base.announceAbandonedFlows(limit: limit)
        }

        func webhookBacklog() async throws(StoreError) -> WebhookBacklog { try await base.webhookBacklog() }

        func purgeWebhooks(limit: Int) async throws(StoreError) -> Int {
            try await base.purgeWebhooks(limit: limit)
        }
    }

    /// Two connections with two messages each. The app rejects the first request that it gets.
    private struct Hooks: Sendable {
        let folder: TemporaryFolder
        let clock = ManualClock()
        let outbox: FaultyOutbox
        let endpoints: WebhookEndpoints
        let target = WebhookTarget(workspaceID: Sample.workspaceID, url: "https://a.example/x")
        /// The ids of the messages of each subject, in their order.
        let expected: [[String]]
        let sent = SentMessages()

        init() async throws {
            let folder = try TemporaryFolder()
            let secret = try folder.write("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", to: "secret")
            let endpoint = WebhookEndpoint(
                url: target.url, secretFile: secret, types: Set(WebhookType.allCases))
            endpoints = WebhookEndpoints(
                WorkspaceDirectory([
                    Workspace(id: target.workspaceID, redirectURIs: .everyLoopback, webhooks: [endpoint])
                ]))
            let store = try SQLiteConnectionStore(
                path: folder.path("store.sqlite"), clock: .injected { [clock] in clock.now },
                subscriptions: endpoints.subscriptions)
            for _ in 0..<2 {
                let id = try ConnectionID.random()
                try await store.insert(Sample.connection(id), Sample.sealed())
                _ = try await store.update(
                    id, workspaceID: Sample.workspaceID, ifRevision: 1, ConnectionChanges(label: "x"))
            }
            let waiting = try await store.webhooks(workspaceID: nil, areDead: nil, limit: 100)
            expected = Dictionary(grouping: waiting, by: \.subject).values.map { $0.map(\.id) }
            outbox = FaultyOutbox(base: store, faults: StoreFaults())
            self.folder = folder
        }

        func deliver() async {
            await WebhookDeliveries(outbox, to: endpoints, logger: Logger(label: "test")) { [sent] in
                sent.take($0)
            }.deliver(to: target)
        }

        func check(_ comment: Comment, doubledAtMost count: Int) async throws {
            // Leases and the delay of a message that was rejected.
            for _ in 0..<3 {
                clock.advance(by: .seconds(300))
                await deliver()
            }
            #expect(try await outbox.webhookBacklog().waitingCount == 0, comment)
            let accepted = sent.accepted
            for ids in expected {
                var firsts: [String] = []
                for id in accepted where ids.contains(id) && !firsts.contains(id) { firsts.append(id) }
                #expect(firsts == ids, comment)
            }
            #expect(accepted.count <= expected.joined().count + count, comment)
        }
    }

    private final class SentMessages: Sendable {
        private let state = Mutex<(accepted: [String], hasRejected: Bool)>(([], false))

        var accepted: [String] { state.withLock(\.accepted) }

        func take(_ request: ProviderRequest) -> WebhookResult {
            let id = request.headers.first { $0.name == "webhook-id" }?.value ?? ""
            return state.withLock { state in
                guard state.hasRejected else {
                    state.hasRejected = true
                    return .failed("status 503")
                }
                state.accepted.append(id)
                return .delivered
            }
        }
    }

    @Test(arguments: Kind.allCases)
    func `S46 every webhook is delivered, in order, and twice only if it could not be noted`(
        _ kind: Kind
    ) async throws {
        let stages = Mutex<[Int: Hooks]>([:])
        let count = try await forEveryCall(of: kind) { number in
            let hooks = try await Hooks()
            stages.withLock { $0[number] = hooks }
            return hooks.outbox.faults
        } run: { number in
            await stages.withLock { $0[number] }?.deliver()
        } then: { number in
            try await stages.withLock { $0.removeValue(forKey: number) }?
                .check("call \(number)", doubledAtMost: kind == .callerLeaves ? 0 : 1)
        }
        #expect(count >= 4, "it takes, notes a delivery and a failure, and takes again")
    }
}
