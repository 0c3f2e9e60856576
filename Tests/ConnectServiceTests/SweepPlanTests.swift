import Connections
import Integrations
import StateTokens
import Testing

@testable import ConnectService

@Suite("SweepPlan") struct SweepPlanTests {
    private static let day: Int64 = 86_400
    private let issued = Timestamp(secondsSinceEpoch: 1_800_000_000)

    private func rules(_ extra: String) throws -> RefreshRules {
        let catalog = try Catalog(
            files: [CatalogFile(name: "test.yaml", text: Catalogs.sample(extra))],
            allowsInsecureLoopback: true)
        return try #require(catalog["sample"]).refresh
    }

    /// - Parameters:
    ///   - lifetime: of the access token, in seconds.
    ///   - read: when the token was last read, in seconds from when it was issued.
    ///   - now: in seconds from then.
    private func span(
        _ extra: String = "", lifetime: Int64? = 3_600, read: Int64? = nil, reauthorize: Int64? = nil,
        now: Int64 = 0
    ) throws -> ClosedRange<Int64>? {
        let grant = SweepPlan.Grant(
            expiresAt: lifetime.map { issued + .seconds($0) }, tokenLifetime: lifetime.map { .seconds($0) },
            issuedAt: issued, readAt: read.map { issued + .seconds($0) },
            reauthorizeBy: reauthorize.map { issued + .seconds($0) })
        let plan = SweepPlan(try rules(extra), margin: .seconds(300))
        let span = plan.span(of: grant, at: issued + .seconds(now))
        if let span {
            for _ in 0..<20 {
                let next = try #require(plan.next(for: grant, at: issued + .seconds(now)))
                let soon = issued + .seconds(now) + SweepVisit.longestDelay
                #expect(span.contains(next) && next <= soon || next == soon && span.upperBound > soon)
            }
        }
        return span.map { $0.lowerBound.seconds(since: issued)...$0.upperBound.seconds(since: issued) }
    }

    @Test func `what was read within a day is refreshed in the first half of the margin before its end`()
        throws
    {
        #expect(try span(read: 0) == 3_300...3_450)
        #expect(try span(read: 0, now: Self.day - 1) == 3_300...3_450)
    }

    @Test func `what was not read within a day is kept alive only`() throws {
        let idle = 30 * Self.day * 7 / 10...30 * Self.day * 8 / 10
        #expect(try span() == idle)
        #expect(try span(read: 0, now: Self.day) == idle)
        #expect(try span("refresh: {idle_lifetime: 1000}") == 700...800)
        #expect(try span("refresh: {mode: rotates, token_lifetime: 2000}") == 1_400...1_600)
        #expect(try span("refresh: {mode: rotates, token_lifetime: 2000, idle_lifetime: 1000}") == 700...800)
    }

    @Test func `a refresh token that stays is not kept alive by using it`() throws {
        #expect(
            try span("refresh: {mode: stable, token_lifetime: 2000}")
                == 30 * Self.day * 7 / 10...30 * Self.day * 8 / 10)
    }

    @Test func `an end that the provider named is refreshed before, where refreshing may move it`() throws {
        #expect(try span(reauthorize: 10_000) == 7_000...8_000)
        #expect(try span("refresh: {idle_lifetime: 1000}", reauthorize: 10_000) == 700...800)
        #expect(try span(reauthorize: -5) == 30 * Self.day * 7 / 10...30 * Self.day * 8 / 10, "it is over")
    }

    @Test func `a token in use is refreshed by whichever time comes first`() throws {
        #expect(try span("refresh: {idle_lifetime: 1000}", read: 0) == 700...800)
    }

    @Test func `a short-lived token is refreshed in its last quarter and no earlier`() throws {
        #expect(try span(lifetime: 400, read: 0) == 300...350)
        #expect(try span(lifetime: 0, read: 0) == 0...0)
    }

    @Test func `the greater margin holds, the entry's or the operator's`() throws {
        #expect(try span("refresh: {margin: 600}", read: 0) == 3_000...3_300)
        #expect(try span("refresh: {margin: 30}", read: 0) == 3_300...3_450)
    }

    @Test func `a token without an end is refreshed daily while it is read`() throws {
        #expect(try span(lifetime: nil, read: 0) == Self.day * 9 / 10...Self.day)
        #expect(try span(lifetime: nil) == 30 * Self.day * 7 / 10...30 * Self.day * 8 / 10)
    }

    @Test func `an access token that stands for the grant is refreshed before it ends, read or not`() throws {
        #expect(try span("refresh: {token: access_token}") == 3_300...3_450)
    }

    @Test func `without refresh tokens nothing is refreshed`() throws {
        #expect(try span("refresh: {mode: none}", read: 0) == nil)
    }
}

@Suite("SweepPauses") struct SweepPausesTests {
    private let start = ContinuousClock.now

    @Test func `two failures in a row pause nothing, the third one does, and each more doubles it`() {
        var pauses = SweepPauses()
        var found: [Duration?] = []
        for _ in 0..<5 {
            pauses.noteFailure(at: "a", wanted: nil, now: start)
            found.append(pauses.remaining(for: "a", at: start))
        }
        #expect(found == [nil, nil, .seconds(30), .seconds(60), .seconds(120)])
        #expect(pauses.remaining(for: "b", at: start) == nil)
        for _ in 0..<100 { pauses.noteFailure(at: "a", wanted: nil, now: start) }
        #expect(pauses.remaining(for: "a", at: start) == .seconds(1_800))
        pauses.noteSuccess(at: "a")
        #expect(pauses.remaining(for: "a", at: start) == nil)
    }

    @Test func `an endpoint that asks for it is left alone at once`() {
        var pauses = SweepPauses()
        pauses.noteFailure(at: "a", wanted: .seconds(77), now: start)
        #expect(pauses.remaining(for: "a", at: start) == .seconds(77))
        pauses.noteFailure(at: "a", wanted: .seconds(5), now: start)
        #expect(pauses.remaining(for: "a", at: start) == .seconds(77))
        #expect(pauses.remaining(for: "a", at: start + .seconds(77)) == nil)
    }
}
