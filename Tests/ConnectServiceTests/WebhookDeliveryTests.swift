import ConnectService
import Connections
import ConnectionsTesting
import Logging
import OAuth
import StateTokens
import Synchronization
import TestSupport
import Testing
import Tracing

@testable import ConnectionsSQLite
@testable import OpenTelemetry

@Suite("Webhook delivery") struct WebhookDeliveryTests {
    // MARK: Signing

    /// Made with standardwebhooks 1.1.0.
    @Test func `S46 a message is signed as the library signs it`() throws {
        let secret = try #require(WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        #expect(
            try secret.signature(
                id: "msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp: 1_614_265_330, body: #"{"test": 2432232314}"#)
                == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func `S46 while a secret rotates a message has two signatures`() throws {
        let secrets = try #require(
            WebhookSecret.list(
                "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX\n\nwhsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n"))
        let request = try #require(
            ProviderRequest.webhook(
                id: "msg_p5jXN8AQM9LWM0D4loKWxJek", body: #"{"test": 2432232314}"#, to: "https://a.example/",
                secrets: secrets, at: Timestamp(secondsSinceEpoch: 1_614_265_330)))
        let headers = Dictionary(request.headers.map { ($0.name, $0.value) }) { first, _ in first }
        #expect(
            headers["webhook-signature"]
                == "v1,/485aUtxlie+TIScVpHggMfqOB4so2KWb7+Gf727B44= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        )
        #expect(headers["webhook-timestamp"] == "1614265330")
        #expect(request.isHostNamedByCaller)
    }

    @Test(arguments: [
        "", "\n", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\nnone",
        "whsec_\(String(repeating: "A", count: 88))",
        String(repeating: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", count: 3),
    ])
    func `what is no secret, or more than two, is rejected`(_ text: String) {
        #expect(WebhookSecret.list(text) == nil)
    }

    // MARK: The file of workspaces

    private func workspaces(_ webhooks: String) throws -> WorkspaceDirectory {
        let folder = try TemporaryFolder()
        _ = try folder.write("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", to: "secret")
        _ = try folder.write("nothing", to: "bad")
        let path = try folder.write(
            "workspaces: {a: {redirect_uris: [], webhooks: \(webhooks)}}", to: "workspaces.yaml")
        return try withExtendedLifetime(folder) { try WorkspaceFile.load(path) }
    }

    @Test func `endpoints are read with their secrets and events`() throws {
        let directory = try workspaces(
            "[{url: https://a.example/x, secret_file: secret}, {url: https://a.example/y, secret_file: secret, events: [flow.failed]}]"
        )
        let found = try #require(directory["a"]?.webhooks)
        #expect(found.map(\.url) == ["https://a.example/x", "https://a.example/y"])
        #expect(found.map(\.types) == [Set(WebhookType.allCases), [.flowFailed]])
        let endpoints = WebhookEndpoints(directory)
        #expect(endpoints.targets.count == 2 && !endpoints.isEmpty)
        #expect(endpoints.subscriptions.targets(of: .created, in: "a").map(\.url) == ["https://a.example/x"])
        #expect(endpoints.subscriptions.targets(of: .created, in: "b").isEmpty)
    }

    @Test(arguments: [
        "{}", "x", "[x]", "[{}]", "[{url: https://a.example/}]", "[{secret_file: secret}]",
        "[{url: http://a.example/, secret_file: secret}]",
        "[{url: 'http://10.0.0.1/', secret_file: secret}]",
        "[{url: 'https://u:p@a.example/', secret_file: secret}]",
        "[{url: ftp://a.example/, secret_file: secret}]",
        "[{url: https://a.example/, secret_file: bad}]", "[{url: https://a.example/, secret_file: nowhere}]",
        "[{url: https://a.example/, secret_file: secret, events: []}]",
        "[{url: https://a.example/, secret_file: secret, events: [connection.read]}]",
        "[{url: https://a.example/, secret_file: secret, retries: 9}]",
        "[{url: https://a.example/, secret_file: secret}, {url: https://a.example/, secret_file: secret}]",
    ])
    func `endpoints that are not whole are rejected`(_ text: String) {
        #expect(throws: WorkspaceFileError.self) { try workspaces(text) }
    }

    // MARK: Delivery

    /// What was sent, and what the app answers.
    private final class App: Sendable {
        private let state = Mutex<(sent: [String], fails: Bool)>(([], false))

        var sent: [String] { state.withLock { $0.sent } }

        func fail(_ fails: Bool) { state.withLock { $0.fails = fails } }

        func take(_ request: ProviderRequest) -> WebhookResult {
            let id = request.headers.first { $0.name == "webhook-id" }?.value ?? ""
            return state.withLock { state in
                state.sent.append(id)
                return state.fails ? .failed("status 500") : .delivered
            }
        }
    }

    private struct Stage {
        let folder: TemporaryFolder
        let clock = ManualClock()
        let store: SQLiteConnectionStore
        let endpoints: WebhookEndpoints
        let app = App()
        let logs = LogRecorder()
        let target = WebhookTarget(workspaceID: "wsp_one", url: "https://a.example/x")

        /// - Parameter more: further endpoints beside the target's.
        init(more: [String] = []) throws {
            folder = try TemporaryFolder()
            let secret = try folder.write("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", to: "secret")
            endpoints = WebhookEndpoints(
                WorkspaceDirectory([
                    Workspace(
                        id: "wsp_one", redirectURIs: .everyLoopback,
                        webhooks: (["https://a.example/x"] + more).map { url in
                            WebhookEndpoint(
                                url: url, secretFile: secret, types: Set(WebhookType.allCases))
                        })
                ]))
            store = try SQLiteConnectionStore(
                path: folder.path("store.sqlite"), clock: .injected { [clock] in clock.now },
                subscriptions: endpoints.subscriptions)
        }

        /// A connection that was made and changed once: two messages.
        func connect() async throws {
            let id = try ConnectionID.random()
            let owner = try LeaseOwner.random()
            let flow = try #require(FlowID(octets: owner.octets))
            _ = try await store.claim(
                flow: flow, codeHash: Sample.code(), owner: owner, lease: .seconds(60), keep: .seconds(60))
            _ = try await store.finish(
                flow: flow, owner: owner, as: .created(Sample.connection(id), Sample.sealed()))
            _ = try await store.update(
                id, workspaceID: "wsp_one", ifRevision: 1, ConnectionChanges(label: "x"))
        }

        func deliveries(_ send: WebhookDeliveries<SQLiteConnectionStore>.Send? = nil)
            -> WebhookDeliveries<SQLiteConnectionStore>
        {
            WebhookDeliveries(store, to: endpoints, logger: logs.logger) { [app] request in
                if let send { return await send(request) }
                return app.take(request)
            }
        }

        func waiting() async throws -> [WebhookMessage] {
            try await store.webhooks(workspaceID: nil, areDead: nil, limit: 100)
        }
    }

    @Test func `a flow whose owner died is found and told`() async throws {
        let stage = try Stage()
        let result = try await stage.store.claim(
            flow: Sample.flow(), codeHash: Sample.code(), owner: .random(), lease: .seconds(60),
            keep: .seconds(60),
            subject: FlowSubject(workspaceID: "wsp_one", integrationID: "gmail", userID: nil))
        #expect(result == .claimed)
        stage.clock.advance(by: .seconds(60))
        await stage.deliveries().runMaintenance()
        await stage.deliveries().runMaintenance()
        #expect(try await stage.waiting().map(\.type) == ["flow.failed"])
    }

    @Test func `S46 what is due is delivered once, in order`() async throws {
        let stage = try Stage()
        try await stage.connect()
        let ids = try await stage.waiting().map(\.id)
        await stage.deliveries().deliver(to: stage.target)
        #expect(ids.count == 2 && stage.app.sent == ids)
        #expect(try await stage.waiting().isEmpty)
    }

    @Test(arguments: [1.0, 0])
    func `a delivery is part of its change's trace, where that is recorded`(_ share: Double) async throws {
        let queue = SpanQueue(counts: SpanCounts(exported: { _ in }, dropped: { _, _ in }))
        let span = TraceRecorder(TraceSampler(share: share), queue: queue)
            .startSpan("change", from: nil, ofKind: .server)
        let stage = try Stage()
        try await ServiceContext.withValue(span.context) { try await stage.connect() }
        let parents = Mutex<[TraceContext?]>([])
        await stage.deliveries { _ in
            parents.withLock { $0.append(ServiceContext.current?.remoteSpan) }
            return .delivered
        }.deliver(to: stage.target)
        let parent = share == 1 ? span.position : nil
        #expect(parents.withLock { $0 } == [parent, parent])
    }

    @Test func `S46 a replica that dies between sending and noting it has it sent again, not lost`()
        async throws
    {
        let stage = try Stage()
        try await stage.connect()
        let taken = try await stage.store.takeWebhooks(
            for: stage.target, owner: .random(), lease: .seconds(60), limit: 8
        ).messages
        #expect(taken.count == 1)
        await stage.deliveries().deliver(to: stage.target)
        #expect(stage.app.sent.isEmpty, "it is on its way, and the next one waits for it")
        stage.clock.advance(by: .seconds(60))
        await stage.deliveries().deliver(to: stage.target)
        #expect(stage.app.sent.first == taken.first?.id && stage.app.sent.count == 2)
        #expect(try await stage.waiting().isEmpty)
    }

    @Test func `a message is tried ten times over three days, and is dead then`() async throws {
        let stage = try Stage()
        try await stage.connect()
        stage.app.fail(true)
        var elapsed = Duration.zero
        var attempts = 0
        let first = try #require(try await stage.waiting().first)
        while let message = try await stage.waiting().first, !message.isDead {
            await stage.deliveries().deliver(to: stage.target)
            attempts += 1
            try #require(attempts <= 10)
            let delay = WebhookDeliveries<SQLiteConnectionStore>.delay(after: attempts) ?? .zero
            stage.clock.advance(by: delay)
            elapsed += delay
        }
        #expect(attempts == 10 && Set(stage.app.sent) == [first.id])
        #expect(elapsed > .seconds(71 * 3_600) && elapsed < .seconds(73 * 3_600))
        #expect(try await stage.store.webhookBacklog().deadCount == 1)
    }

    // MARK: Rows that cannot be read

    @Test(arguments: [
        "body = CAST(x'ff' AS TEXT)", "type = 'a' || char(0)", "attempts = -1", "attempts = 1000001",
        "created_at_ms = 9223372036854775807", "last_error = CAST(x'c328' AS TEXT)",
        "subject = subject, id = CAST(x'ff' AS TEXT)",
    ])
    func `S46 one is given up and logged, and those after it go on`(_ change: String) async throws {
        let stage = try Stage()
        try await stage.connect()
        let ids = try await stage.waiting().map(\.id)
        try await stage.store.write {
            try $0.database.write(
                "UPDATE webhook_messages SET \(change) WHERE number = (SELECT min(number) FROM webhook_messages)",
                [])
        }
        await stage.deliveries().deliver(to: stage.target)
        #expect(stage.app.sent == [ids[1]])
        let backlog = try await stage.store.webhookBacklog()
        #expect(backlog.waitingCount == 0 && backlog.deadCount == 1)
        #expect(stage.logs.text.contains("a stored webhook cannot be read"))
        #expect(stage.logs.text.contains("wsp_one"))
        #expect(try await stage.store.dueWebhookTargets().isEmpty)
        await stage.deliveries().deliver(to: stage.target)
        #expect(stage.logs.text.matches(of: /a stored webhook cannot be read/).count == 1, "once")
    }

    // MARK: How many at once

    /// Counts what is on its way, and lets requests to some hosts hang.
    private final class Traffic: Sendable {
        private let state = Mutex<(now: Int, most: Int, delivered: [String: Int], isOpen: Bool)>(
            (0, 0, [:], false))

        var most: Int { state.withLock(\.most) }
        func delivered(to url: String) -> Int { state.withLock { $0.delivered[url] ?? 0 } }
        func open() { state.withLock { $0.isOpen = true } }

        func take(_ request: ProviderRequest, hangs: Bool) async -> WebhookResult {
            state.withLock { state in
                state.now += 1
                state.most = max(state.most, state.now)
            }
            await pause()
            while hangs, !state.withLock(\.isOpen) { await pause() }
            state.withLock { state in
                state.now -= 1
                state.delivered[request.url, default: 0] += 1
            }
            return .delivered
        }

        func pause() async { _ = try? await Task.sleep(for: .milliseconds(2)) }
    }

    @Test func `S28 a replica sends no more at once than it may, to however many targets`() async throws {
        let urls = (0..<12).map { "https://b.example/\($0)" }
        let stage = try Stage(more: urls)
        for _ in 0..<4 { try await stage.connect() }
        let traffic = Traffic()
        let deliveries = WebhookDeliveries(
            stage.store, to: stage.endpoints, concurrency: 5, logger: stage.logs.logger
        ) { await traffic.take($0, hangs: false) }
        let task = Task { await deliveries.run(every: .milliseconds(2)) }
        try await eventually("all are delivered") { try await stage.waiting().isEmpty }
        task.cancel()
        await task.value
        for url in urls + [stage.target.url] { #expect(traffic.delivered(to: url) == 8) }
        #expect(traffic.most <= 5)
    }

    @Test func `targets that hang leave room for one that does not`() async throws {
        let urls = (0..<3).map { "https://b.example/\($0)" }
        let stage = try Stage(more: urls)
        for _ in 0..<4 { try await stage.connect() }
        let traffic = Traffic()
        let deliveries = WebhookDeliveries(
            stage.store, to: stage.endpoints, concurrency: 4, logger: stage.logs.logger
        ) { await traffic.take($0, hangs: $0.url.contains("b.example")) }
        let task = Task { await deliveries.run(every: .milliseconds(2)) }
        try await eventually("all of one target are delivered") {
            traffic.delivered(to: stage.target.url) >= 8
        }
        #expect(traffic.delivered(to: stage.target.url) == 8)
        for url in urls { #expect(traffic.delivered(to: url) == 0) }
        traffic.open()
        task.cancel()
        await task.value
    }

    @Test func `an endpoint that is configured no more gets nothing`() async throws {
        let stage = try Stage()
        try await stage.connect()
        let none = WebhookEndpoints(WorkspaceDirectory([]))
        await WebhookDeliveries(stage.store, to: none, logger: Logger(label: "test")) { [app = stage.app] in
            app.take($0)
        }.deliver(to: stage.target)
        #expect(stage.app.sent.isEmpty)
        #expect(try await stage.waiting().first?.lastError == "endpoint_not_configured")
    }
}
