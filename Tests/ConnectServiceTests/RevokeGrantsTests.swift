import ConnectService
import Connections
import ConnectionsSQLite
import ConnectionsTesting
import Integrations
import StateTokens
import Testing

@Suite("RevokeGrants") struct RevokeGrantsTests {
    private typealias Worker = RevocationWorker<FaultyStore<SQLiteConnectionStore>>
    private static let workspaceID = Deployment.workspaceID
    private static let all = RevocationFilter(workspaceID: workspaceID)
    private let bench: FlowBench

    init() async throws { bench = try await FlowBench() }

    private func begin(
        _ filter: RevocationFilter = Self.all, isDryRun: Bool = false, key: String? = nil
    ) async throws -> Revocation {
        try await RevokeGrants(bench.accessTokens()).begin(
            filter, isDryRun: isDryRun, idempotencyKey: key, credentialID: "key_one")
    }

    private func worker(isHasty: Bool = false, patience: Duration = .seconds(900)) -> Worker {
        RevocationWorker(
            bench.accessTokens(isHasty: isHasty), settings: RevocationSettings(patience: patience))
    }

    private func counts(_ id: RevocationID) async throws -> [Int] {
        let counts = try #require(try await bench.store.revocation(id)).counts
        return [counts.revoked, counts.refused, counts.notPossible, counts.unknown, counts.left]
    }

    @Test func `grants are revoked at the provider, and no token is handed out from the first moment`()
        async throws
    {
        let first = try await bench.connect()
        let second = try await bench.connect(
            Grant.json(token: "access-2", refresh: "refresh-2", account: "account-2"), code: "second")
        let revocation = try await begin()
        for id in [first, second] {
            await #expect(throws: AccessTokenError.inactive) {
                try await bench.accessTokens().current(id, workspaceID: Self.workspaceID)
            }
        }
        #expect(bench.endpoint.revocations.isEmpty)
        #expect(await worker().pass())
        #expect(try await counts(revocation.id) == [2, 0, 0, 0, 0])
        #expect(Set(bench.endpoint.revocations.map { $0.fields["token"] }) == ["refresh-1", "refresh-2"])
        #expect(await !worker().pass())
        #expect(bench.endpoint.revocations.count == 2)
        #expect(try await bench.connections().map(\.status) == [.inactive, .inactive])
    }

    @Test func `S21 an empty filter begins nothing`() async throws {
        let id = try await bench.connect()
        await #expect(throws: RevokeGrantsError.emptyFilter) { try await begin(RevocationFilter()) }
        #expect(try await bench.read(id).connection.status == .active)
    }

    @Test func `a dry run changes nothing and asks no provider`() async throws {
        let id = try await bench.connect()
        let revocation = try await begin(isDryRun: true)
        #expect(try await counts(revocation.id) == [0, 0, 0, 0, 1])
        #expect(await !worker().pass())
        #expect(try await bench.read(id).connection.status == .active)
        #expect(bench.endpoint.revocations.isEmpty)
    }

    @Test func `a key that comes again begins nothing, and with another filter it is rejected`() async throws
    {
        _ = try await bench.connect()
        let first = try await begin(key: "key")
        await worker().pass()
        #expect(try await begin(key: "key").id == first.id)
        #expect(await !worker().pass())
        await #expect(throws: RevokeGrantsError.keyReused) {
            try await begin(RevocationFilter(workspaceID: Self.workspaceID, userID: "x"), key: "key")
        }
        // Another workspace's key is another one.
        #expect(try await begin(RevocationFilter(workspaceID: "wsp_other"), key: "key").id != first.id)
        #expect(bench.endpoint.revocations.count == 1)
    }

    @Test func `what a killed replica took is revoked by another one when its lease is over`() async throws {
        _ = try await bench.connect()
        let revocation = try await begin()
        // Killed between taking and asking.
        let taken = try await bench.store.takeRevocations(of: nil, limit: 8, lease: .seconds(60))
        #expect(taken.count == 1)
        #expect(await !worker().pass())
        bench.databaseClock.advance(by: .seconds(60))
        #expect(await worker().pass())
        #expect(try await counts(revocation.id) == [1, 0, 0, 0, 0])
        #expect(bench.endpoint.revocations.count == 1)
    }

    @Test(arguments: [StoreStep.grantToRevoke, .conclude])
    func `a store that fails on the way leaves the grant to be revoked again`(_ step: StoreStep) async throws
    {
        _ = try await bench.connect()
        let revocation = try await begin()
        bench.faults.fail(step, times: 1)
        #expect(await worker().pass())
        #expect(try await counts(revocation.id) == [0, 0, 0, 0, 1])
        bench.databaseClock.advance(by: .seconds(3_600))
        #expect(await worker().pass())
        #expect(try await counts(revocation.id) == [1, 0, 0, 0, 0])
    }

    @Test func `a provider that does not respond is asked again, and at last it is not known`() async throws {
        let id = try await bench.connect()
        let revocation = try await begin()
        bench.endpoint.slowRevocations(.seconds(60))
        let worker = worker(isHasty: true)
        #expect(await worker.pass())
        #expect(try await counts(revocation.id) == [0, 0, 0, 0, 1])
        #expect(await !worker.pass())
        bench.databaseClock.advance(by: .seconds(901))
        #expect(await worker.pass())
        #expect(try await counts(revocation.id) == [0, 0, 0, 1, 0])
        let found = try await bench.store.existing(id, workspaceID: Self.workspaceID)
        #expect(found.status == .inactive)
        #expect(found.statusReason == RevocationOutcome.unknown.statusReason)
    }

    @Test func `S45 a grant that another user's connection lives by is left, and the report says so`()
        async throws
    {
        let first = try await bench.connect(userID: "user_1")
        _ = try await bench.connect(
            Grant.json(token: "access-2", refresh: "refresh-2"), code: "second", userID: "user_2")
        let revocation = try await begin(RevocationFilter(userID: "user_1"))
        await worker().pass()
        #expect(bench.endpoint.revocations.isEmpty)
        let report = try await bench.store.grants(of: revocation.id, after: nil, limit: 9)
        #expect(report.map(\.connectionID) == [first.description])
        #expect(report.map(\.outcome) == [.notPossible] && report.map(\.reason) == ["shared"])
        // With the other one the grant goes.
        let rest = try await begin(RevocationFilter(userID: "user_2"))
        await worker().pass()
        #expect(try await counts(rest.id) == [1, 0, 0, 0, 0])
    }

    @Test func `credentials that do not open, and another client's, cannot be revoked`() async throws {
        _ = try await bench.connect()
        try await bench.tamper("UPDATE connections SET client = zeroblob(16)")
        let revocation = try await begin()
        await worker().pass()
        #expect(try await counts(revocation.id) == [0, 0, 1, 0, 0])
        #expect(bench.endpoint.revocations.isEmpty)
    }

    @Test func `a row that cannot be read becomes inactive, and the others are revoked`() async throws {
        let broken = try await bench.connect()
        _ = try await bench.connect(
            Grant.json(token: "access-2", refresh: "refresh-2", account: "account-2"), code: "second")
        try await bench.tamper("UPDATE connections SET config = '[]' WHERE id = '\(broken)'")
        let revocation = try await begin()
        #expect(revocation.counts.left == 2)
        await worker().pass()
        #expect(try await counts(revocation.id) == [1, 0, 1, 0, 0])
    }

    @Test func `a grant whose refresh is under way waits for its tokens`() async throws {
        let id = try await bench.connect()
        bench.endpoint.answer(
            .after(
                { [bench] in
                    _ = try await RevokeGrants(bench.accessTokens()).begin(Self.all)
                    await RevocationWorker(bench.accessTokens()).pass()
                }, .json(Grant.json(token: "access-2", refresh: "refresh-2"))))
        await #expect(throws: AccessTokenError.inactive) {
            try await bench.accessTokens().current(id, workspaceID: Self.workspaceID, isForced: true)
        }
        #expect(bench.endpoint.revocations.isEmpty)
        #expect(try await bench.connections().map(\.status) == [.inactive])
        bench.databaseClock.advance(by: .seconds(2))
        #expect(await worker().pass())
        #expect(bench.endpoint.revocations.map { $0.fields["token"] } == ["refresh-2"])
    }

    @Test func `S21 a token that was good before is not handed out when its refresh fails meanwhile`()
        async throws
    {
        let id = try await bench.connect(Grant.json(expiresIn: 3_600))
        bench.advance(by: .seconds(3_570))
        bench.endpoint.answer(
            .after(
                { [bench] in _ = try await RevokeGrants(bench.accessTokens()).begin(Self.all) },
                .json("{}", status: 503)))
        await #expect(throws: AccessTokenError.inactive) {
            try await bench.accessTokens().current(id, workspaceID: Self.workspaceID)
        }
    }
}
