import Connections
import ConnectionsSQLite
import ConnectionsTesting
import StateTokens
import Testing
import Tracing

@testable import ConnectService
@testable import OpenTelemetry

@Suite("ConnectionSweep") struct ConnectionSweepTests {
    private static let day = Duration.seconds(86_400)
    private let bench: FlowBench

    init() async throws { bench = try await FlowBench() }

    private func sweep(_ other: FlowBench? = nil) -> ConnectionSweep<FaultyStore<SQLiteConnectionStore>> {
        let bench = other ?? bench
        return ConnectionSweep(bench.accessTokens(reads: TokenReads()))
    }

    /// A connection whose token an app has just read.
    private func connectAndRead(_ answer: String = Grant.json(), over other: FlowBench? = nil) async throws
        -> ConnectionID
    {
        let bench = other ?? bench
        let id = try await bench.connect(
            answer, code: "\(answer.hashValue) \(bench.endpoint.tokenCalls.count)")
        try await read(id, over: bench)
        return id
    }

    private func read(_ id: ConnectionID, over other: FlowBench? = nil) async throws {
        let tokens = (other ?? bench).accessTokens(reads: TokenReads())
        tokens.noteRead(try await tokens.current(id, workspaceID: Deployment.workspaceID))
        await tokens.flushReads()
    }

    private func refreshes(_ other: FlowBench? = nil) -> Int {
        (other ?? bench).endpoint.tokenCalls.count { $0.fields["grant_type"] == "refresh_token" }
    }

    @Test func `a token in use is new before it ends, and nobody had to ask`() async throws {
        let id = try await connectAndRead()
        bench.endpoint.answer(.json(Grant.json(token: "access-2", refresh: "refresh-2")))
        bench.advance(by: .seconds(3_299))
        await sweep().pass()
        #expect(refreshes() == 0)
        bench.advance(by: .seconds(151))
        await sweep().pass()
        #expect(refreshes() == 1)
        let found = try await bench.read(id)
        #expect(found.credentials.accessToken == "access-2")
        #expect(found.credentials.refreshToken == "refresh-2")
        bench.advance(by: .seconds(3_299))
        await sweep().pass()
        await sweep().pass()
        #expect(refreshes() == 1)
        bench.advance(by: .seconds(151))
        await sweep().pass()
        #expect(refreshes() == 2, "it was read within the last day")
    }

    @Test func `a pass that finds something due is one trace, and others make no span`() async throws {
        let queue = SpanQueue(counts: SpanCounts(exported: { _ in }, dropped: { _, _ in }))
        let spans = StoreSpans(
            tracer: TraceRecorder(TraceSampler(share: 1), queue: queue), system: "sqlite")
        let sweep = ConnectionSweep(bench.accessTokens(reads: TokenReads(), spans: spans))
        await sweep.pass()
        #expect(queue.count == 0)
        _ = try await connectAndRead()
        bench.endpoint.answer(.json(Grant.json(token: "access-2", refresh: "refresh-2")))
        bench.advance(by: .seconds(3_450))
        await sweep.pass()
        #expect(refreshes() == 1)
        let found = queue.take(upTo: 100)
        let root = try #require(found.last)
        #expect(root.name == "sweep" && root.parent == nil && root.kind == .internal)
        let work = found.dropLast()
        #expect(
            Set(work.map(\.name))
                == [
                    "take due connections", "read credentials", "begin refresh", "finish refresh",
                    "schedule connections",
                ])
        for span in work {
            #expect(span.context.traceID == root.context.traceID && span.kind == .client)
            #expect(span.parent?.context.spanID == root.context.spanID)
            #expect(span.attributes.get("db.system.name") == "sqlite")
            #expect(span.attributes.get("db.operation.name") == .string(span.name))
        }
    }

    @Test func `what nobody has read for a day is left to its idle lifetime`() async throws {
        let bench = try await FlowBench("refresh: {idle_lifetime: 5184000}")
        let id = try await connectAndRead(over: bench)
        bench.endpoint.answer(.json(Grant.json(token: "access-2")))
        bench.advance(by: Self.day)
        await sweep(bench).pass()
        #expect(refreshes(bench) == 0)
        bench.advance(by: Self.day * 40)
        await sweep(bench).pass()
        #expect(refreshes(bench) == 0, "seven tenths of sixty days are forty-two")
        bench.advance(by: Self.day * 7)
        await sweep(bench).pass()
        #expect(refreshes(bench) == 1)
        #expect(try await bench.read(id).connection.status == .active)
    }

    @Test func `a grant that is never read lives on`() async throws {
        let id = try await bench.connect()
        bench.endpoint.answer(.json(Grant.json(token: "access-2")))
        for _ in 0..<8 {
            bench.advance(by: Self.day * 24)
            await sweep().pass()
        }
        #expect(refreshes() == 8)
        #expect(try await bench.read(id).connection.status == .active)
    }

    /// For how many days the clock was ahead, and the idle lifetime that the entry names.
    @Test(arguments: [(90, 60), (90, 400), (900, 60), (6, 30)])
    func `a grant that was made while the clock was months ahead is kept alive when it is set right`(
        _ days: Int, _ idleDays: Int
    ) async throws {
        let bench = try await FlowBench("refresh: {idle_lifetime: \(idleDays * 86_400)}")
        bench.advance(by: Self.day * days)
        let id = try await connectAndRead(over: bench)
        bench.advance(by: .zero - Self.day * days)
        bench.endpoint.answer(.json(Grant.json(token: "access-2")))
        let sweep = sweep(bench)
        await sweep.hasten()
        for _ in 0..<5 {
            await sweep.pass()
            bench.advance(by: Self.day)
        }
        #expect(refreshes(bench) == 1, "once: when it was issued is known again")
        let found = try await bench.read(id).connection
        #expect(try #require(found.lastRefreshedAt) <= bench.deployment.clock.now)
        try await read(id, over: bench)
        #expect(try #require(try await bench.read(id).connection.tokenReadAt) <= bench.deployment.clock.now)
    }

    @Test func `a read brings a connection that lay idle back into the sweep`() async throws {
        let id = try await bench.connect()
        bench.endpoint.answer(.json(Grant.json(token: "access-2")))
        bench.advance(by: .seconds(100))
        try await read(id)
        bench.advance(by: .seconds(3_350))
        await sweep().pass()
        #expect(refreshes() == 1)
    }

    @Test func `reads are noted once an hour, and revisions stay`() async throws {
        let id = try await bench.connect()
        let reads = TokenReads()
        let tokens = bench.accessTokens(reads: reads)
        func readOnce() async throws -> Int {
            tokens.noteRead(try await tokens.current(id, workspaceID: Deployment.workspaceID))
            return reads.count
        }
        #expect(try await readOnce() == 1)
        #expect(try await readOnce() == 1)
        await tokens.flushReads()
        #expect(try await readOnce() == 0)
        bench.advance(by: .seconds(3_000))
        #expect(try await readOnce() == 0)
        bench.advance(by: .seconds(600))
        bench.endpoint.answer(.json(Grant.json(token: "access-2")))
        #expect(try await readOnce() == 1)
        #expect(try await bench.read(id).connection.revision == 2, "of the refresh")
    }

    @Test func `reads that the store did not take are noted later`() async throws {
        let id = try await bench.connect()
        let reads = TokenReads()
        let tokens = bench.accessTokens(reads: reads)
        tokens.noteRead(try await tokens.current(id, workspaceID: Deployment.workspaceID))
        bench.faults.fail(.noteTokenReads, times: 1)
        await tokens.flushReads()
        #expect(reads.count == 1)
        await tokens.flushReads()
        #expect(reads.count == 0)
        #expect(try await bench.read(id).connection.tokenReadAt != nil)
    }

    @Test func `S24 two replicas that sweep at once, and a request, send one refresh`() async throws {
        let id = try await connectAndRead()
        bench.advance(by: .seconds(3_560))
        bench.endpoint.answer(
            .slow(.milliseconds(200), .json(Grant.json(token: "access-2", refresh: "refresh-2"))))
        let replica = bench.accessTokens(over: try bench.replica(), reads: TokenReads())
        let sweeps = [sweep(), ConnectionSweep(replica)]
        await withTaskGroup(of: Void.self) { group in
            for sweep in sweeps { group.addTask { await sweep.pass() } }
            group.addTask {
                _ = try? await replica.current(id, workspaceID: Deployment.workspaceID)
            }
        }
        #expect(refreshes() == 1)
        #expect(try await bench.read(id).credentials.refreshToken == "refresh-2")
    }

    @Test func `a provider that is down is asked less and less, and the connection stays active`()
        async throws
    {
        let id = try await connectAndRead()
        bench.endpoint.answer(.json("{}", status: 503))
        bench.advance(by: .seconds(3_450))
        let sweep = sweep()
        await sweep.pass()
        #expect(refreshes() == 1)
        await sweep.pass()
        bench.advance(by: .seconds(40))
        await sweep.pass()
        #expect(refreshes() == 1, "not within a minute")
        bench.advance(by: .seconds(60))
        await sweep.pass()
        #expect(refreshes() == 2)
        #expect(try await bench.read(id).connection.status == .active)
        bench.endpoint.answer(.json(Grant.json(token: "access-2")))
        bench.advance(by: .seconds(500))
        await sweep.pass()
        #expect(try await bench.read(id).credentials.accessToken == "access-2")
    }

    @Test func `Retry-After holds for all connections of an endpoint`() async throws {
        let ids = [try await connectAndRead(), try await connectAndRead()]
        bench.advance(by: .seconds(3_450))
        bench.endpoint.answer(.later("1800"))
        let sweep = ConnectionSweep(
            bench.accessTokens(reads: TokenReads()), settings: SweepSettings(concurrency: 1))
        await sweep.pass()
        #expect(refreshes() == 1)
        bench.advance(by: .seconds(1_700))
        await sweep.pass()
        #expect(refreshes() == 1)
        for id in ids { #expect(try await bench.read(id).connection.status == .active) }
    }

    @Test func `invalid_grant ends the connection once, and it is never swept again`() async throws {
        let id = try await connectAndRead()
        bench.endpoint.answer(Grant.error("invalid_grant"))
        bench.advance(by: .seconds(3_450))
        await sweep().pass()
        #expect(try await bench.read(id).connection.status == .expired)
        bench.advance(by: Self.day * 400)
        await sweep().pass()
        #expect(refreshes() == 1)
    }

    @Test func `a token that is over without a refresh token is marked, though nobody asks`() async throws {
        let id = try await bench.connect(Grant.json(refresh: nil))
        bench.advance(by: .seconds(3_599))
        await sweep().pass()
        let before = try #require(
            try await bench.store.connection(id, workspaceID: Deployment.workspaceID))
        #expect(before.revision == 1)
        bench.advance(by: .seconds(1))
        await sweep().pass()
        let after = try #require(
            try await bench.store.connection(id, workspaceID: Deployment.workspaceID))
        #expect(after.status == .expired && after.revision == 2)
        #expect(refreshes() == 0)
    }

    @Test func `a change at the same moment keeps no token that is over active`() async throws {
        let id = try await bench.connect(Grant.json(refresh: nil))
        bench.advance(by: .seconds(3_600))
        let seen = try await bench.read(id).connection
        _ = try await bench.store.update(
            id, workspaceID: Deployment.workspaceID, ifRevision: 1, ConnectionChanges(label: "x"))
        try await bench.accessTokens().expire(seen)
        let found = try await bench.read(id).connection
        #expect(found.status == .expired && found.label == "x")
    }

    @Test func `a connection in error whose token is over is marked, too`() async throws {
        let id = try await bench.connect(Grant.json(refresh: nil))
        try await bench.tamper("UPDATE connections SET status = 'error'")
        bench.advance(by: .seconds(3_600))
        await sweep().pass()
        #expect(try await bench.read(id).connection.status == .expired)
    }

    @Test(arguments: [ConnectionStatus.active, .inactive])
    func `what was renewed or switched off meanwhile does not expire`(_ status: ConnectionStatus) async throws
    {
        let id = try await bench.connect(Grant.json(refresh: nil))
        bench.advance(by: .seconds(3_600))
        let seen = try await bench.read(id).connection
        if status == .active {
            try await bench.replaceCredentials(of: id, with: "access-9")
        } else {
            _ = try await bench.store.update(
                id, workspaceID: Deployment.workspaceID, ifRevision: 1,
                ConnectionChanges(status: ConnectionChanges.Status(.inactive)))
        }
        try await bench.accessTokens().expire(seen)
        let found = try await bench.store.connection(id, workspaceID: Deployment.workspaceID)
        #expect(found?.status == status)
    }

    @Test func `S24 what is switched off, and what has no refresh, is left alone`() async throws {
        let id = try await connectAndRead()
        _ = try await bench.store.update(
            id, workspaceID: Deployment.workspaceID, ifRevision: 1,
            ConnectionChanges(status: ConnectionChanges.Status(.inactive)))
        let none = try await FlowBench("refresh: {mode: none}")
        _ = try await none.connect()
        for bench in [bench, none] {
            bench.advance(by: Self.day * 400)
            await sweep(bench).pass()
            #expect(refreshes(bench) == 0)
        }
    }

    @Test func `rows of an older version are looked at once, without a request`() async throws {
        let id = try await bench.connect()
        try await bench.tamper("UPDATE connections SET sweep_at_ms = 0")
        await sweep().pass()
        #expect(refreshes() == 0)
        let found = try #require(
            try await bench.store.connection(id, workspaceID: Deployment.workspaceID))
        #expect(try #require(found.sweepAt) > bench.databaseClock.now + Self.day * 2)
    }

    @Test func `another client's grants are not refreshed`() async throws {
        let id = try await connectAndRead()
        try await bench.tamper("UPDATE connections SET client = zeroblob(16)")
        bench.advance(by: .seconds(3_450))
        await sweep().pass()
        #expect(refreshes() == 0)
        #expect(try await bench.read(id).connection.status == .active)
    }

    @Test func `a grant whose entry the catalog lacks for a while lives on`() async throws {
        let id = try await bench.connect()
        bench.advance(by: Self.day * 24)
        let without = try Deployment(catalog: Catalogs.sample(id: "other"))
        await ConnectionSweep(bench.accessTokens(of: without)).pass()
        #expect(refreshes() == 0)
        bench.advance(by: Self.day)
        bench.endpoint.answer(.json(Grant.json(token: "access-2")))
        await sweep().pass()
        #expect(refreshes() == 1)
        #expect(try await bench.read(id).connection.status == .active)
    }

    @Test func `one integration gets a quarter of what runs at once`() async throws {
        for _ in 0..<8 { _ = try await connectAndRead() }
        bench.advance(by: .seconds(3_450))
        bench.endpoint.answer(.slow(.milliseconds(150), .json(Grant.json(token: "access-2"))))
        let sweep = ConnectionSweep(
            bench.accessTokens(reads: TokenReads()), settings: SweepSettings(concurrency: 16))
        let start = ContinuousClock.now
        await sweep.pass()
        #expect(refreshes() == 8)
        #expect(ContinuousClock.now - start > .milliseconds(290), "four at once need two rounds")
    }

    // MARK: Reauthorization

    @Test(
        arguments: [
            (#","refresh_token_expires_in":1000"#, "", 1_000), (#","refresh_token_timeout":1000"#, "", 1_000),
            (#","authorization_expires_in":500"#, "", 500),
            (#","refresh_token_expires_in":1000,"authorization_expires_in":"500""#, "", 500),
            (#","refresh_token_expires_in":1000"#, "refresh: {token_lifetime: 7000}", 1_000),
            ("", "refresh: {token_lifetime: 7000}", 7_000),
            (#","refresh_token_expires_in":0"#, "refresh: {token_lifetime: 7000}", 7_000),
            (#","refresh_token_expires_in":0"#, "", nil), ("", "", nil),
            (#","authorization_expires_in":"soon""#, "", nil),
        ] as [(String, String, Int?)])
    func `the user has to grant again by the first end that anyone names`(
        _ more: String, _ extra: String, _ expected: Int?
    ) async throws {
        let bench = try await FlowBench(extra)
        let id = try await bench.connect(Grant.json(more: more))
        let start = bench.deployment.clock.now
        let found = try await bench.read(id).connection
        #expect(found.reauthorizeBy == expected.map { start + .seconds($0) })
    }

    @Test(arguments: [(60, 60), (8, 8), (7, nil), (0, nil)] as [(Int, Int?)])
    func `a grant that nothing refreshes ends with its access token, and one that lasts long is announced`(
        _ days: Int, _ expected: Int?
    ) async throws {
        let lifetime = days * 86_400
        let id = try await bench.connect(Grant.json(refresh: nil, expiresIn: lifetime == 0 ? nil : lifetime))
        let start = bench.deployment.clock.now
        let end = try await bench.read(id).connection.reauthorizeBy
        #expect(end == expected.map { start + .seconds($0 * 86_400) })
        // With a refresh token it goes on.
        let other = try await bench.connect(
            Grant.json(token: "access-2", expiresIn: lifetime), code: "second")
        #expect(try await bench.read(other).connection.reauthorizeBy == nil)
    }

    private func announced(_ bench: FlowBench) async throws -> Int {
        try await bench.store.base.announceReauthorizations(limit: 10)
    }

    @Test(arguments: [
        ("refresh: {mode: rotates, token_lifetime: 604800}", ""),
        ("refresh: {mode: rotates}", #","refresh_token_expires_in":604800"#),
    ])
    func `an end that each refresh moves is announced only if it was not moved in time`(
        _ extra: String, _ more: String
    ) async throws {
        let bench = try await FlowBench(extra)
        let id = try await bench.connect(Grant.json(more: more))
        #expect(try await announced(bench) == 0)
        for number in 2...30 {
            bench.advance(by: .seconds(3_600))
            bench.endpoint.answer(
                .json(Grant.json(token: "access-\(number)", refresh: "refresh-\(number)", more: more)))
            _ = try await bench.accessTokens().current(
                id, workspaceID: Deployment.workspaceID, isForced: true)
            #expect(try await announced(bench) == 0)
        }
        bench.advance(by: .seconds(604_800 * 4 / 5 - 60))
        #expect(try await announced(bench) == 0)
        bench.advance(by: .seconds(120))
        #expect(try await announced(bench) == 1)
        #expect(try await announced(bench) == 0)
    }

    @Test(arguments: [
        ("refresh: {mode: rotates}", "authorization_expires_in"),
        ("refresh: {mode: rotates}", "refresh_token_expires_in"),
        ("refresh: {mode: stable}", "refresh_token_expires_in"),
    ])
    func `an end that stays is announced once, however often it is told`(
        _ extra: String, _ member: String
    ) async throws {
        let bench = try await FlowBench(extra)
        let start = bench.deployment.clock.now
        let id = try await bench.connect(Grant.json(more: #","\#(member)":604800"#))
        var count = try await announced(bench)
        for number in 2...20 {
            bench.advance(by: .seconds(3_600))
            // In seconds from now, which come out a moment later.
            let left = 604_800 - bench.deployment.clock.now.seconds(since: start) + Int64(number % 2)
            bench.endpoint.answer(
                .json(
                    Grant.json(
                        token: "access-\(number)", refresh: "refresh-\(number)",
                        more: #","\#(member)":\#(left)"#)))
            _ = try await bench.accessTokens().current(
                id, workspaceID: Deployment.workspaceID, isForced: true)
            count += try await announced(bench)
        }
        #expect(count == 1)
    }

    @Test func `a refresh that says nothing leaves the end, and a new refresh token moves it`() async throws {
        let bench = try await FlowBench("refresh: {mode: rotates, token_lifetime: 7000}")
        let id = try await bench.connect()
        let first = try await bench.read(id).connection.reauthorizeBy
        bench.advance(by: .seconds(100))
        bench.endpoint.answer(.json(Grant.json(token: "access-2")))
        let tokens = bench.accessTokens()
        let same = try await tokens.current(id, workspaceID: Deployment.workspaceID, isForced: true)
        #expect(same.connection.reauthorizeBy == first)
        bench.endpoint.answer(.json(Grant.json(token: "access-3", refresh: "refresh-2")))
        let moved = try await tokens.current(id, workspaceID: Deployment.workspaceID, isForced: true)
        #expect(moved.connection.reauthorizeBy == bench.deployment.clock.now + .seconds(7_000))
    }
}
