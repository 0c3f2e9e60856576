import ConnectService
import MetricsTestKit
import StateTokens
import Testing

/// What rotations and compromises are watched by.
@Suite("CallbackCounts") struct CallbackCountsTests {
    private let deployment: Deployment
    private let metrics = TestMetrics()
    private let counts: CallbackCounts
    private let verify: CallbackVerifier

    init() throws {
        let deployment = try Deployment(catalog: Catalogs.sample())
        self.deployment = deployment
        let counts = CallbackCounts(metrics: metrics)
        self.counts = counts
        verify = CallbackVerifier(
            codec: deployment.codec, tickets: deployment.tickets, standing: deployment.standing,
            counts: counts, now: { deployment.clock.now })
    }

    private func callback(_ query: String, on integrationID: String = "sample") {
        _ = verify.verifyNow(Array(query.utf8), integrationID: integrationID)
    }

    private func refusals(_ reason: String, key: String = "") -> Int64? {
        try? metrics.expectCounter(
            "symbolon_callback_refusals_total", [("reason", reason), ("key_id", key)]
        ).totalValue
    }

    @Test func `opened callbacks are counted by key`() throws {
        let first = try deployment.begin().state
        for _ in 0..<3 { callback("code=a&state=\(first)") }
        deployment.stateKeyring.replace(with: try TestKeys.ring([TestKeys.key(2), TestKeys.key(1)]))
        let second = try deployment.begin().state
        callback("error=access_denied&state=\(second)")
        #expect(counts.openedByKey.map(\.id.description) == ["00000001", "00000002"])
        #expect(counts.openedByKey.map(\.count) == [3, 1])
        let counter = try metrics.expectCounter("symbolon_callbacks_opened_total", [("key_id", "00000001")])
        #expect(counter.totalValue == 3)
    }

    @Test func `an expired one counts as opened, for its tag held`() throws {
        let state = try deployment.begin().state
        deployment.clock.advance(by: .seconds(3_600))
        callback("code=a&state=\(state)")
        #expect(counts.openedByKey.map(\.count) == [1])
    }

    @Test func `S33 what comes under a disabled key is counted by its id, and not as opened`() throws {
        let state = try deployment.begin().state
        deployment.stateKeyring.replace(
            with: try TestKeys.ring([TestKeys.key(1, status: .disabled), TestKeys.key(2)]))
        for _ in 0..<4 { callback("code=a&state=\(state)") }
        #expect(refusals("state_disabled_key", key: "00000001") == 4)
        #expect(counts.openedByKey.isEmpty)
    }

    @Test func `a key that is in no ring is no label, whatever strangers send`() throws {
        let state = try deployment.begin().state
        deployment.stateKeyring.replace(with: try TestKeys.ring([TestKeys.key(2)]))
        for character in "ABCDEFGH" {
            // The key id is in characters 1 to 6.
            callback("code=a&state=AQ\(character)" + state.dropFirst(3))
        }
        callback("code=a&state=\(state)")
        callback("code=a&state=AQ")
        callback("code=a")
        #expect(refusals("state_unknown_key") == 9)
        #expect(refusals("state_malformed") == 1 && refusals("state_missing") == 1)
        #expect(refusals("state_unknown_key", key: "00000001") == nil)
        #expect(counts.openedByKey.isEmpty)
    }

    @Test func `another integration's callback was opened and refused`() throws {
        callback("code=a&state=\(try deployment.begin().state)", on: "gmail")
        #expect(refusals("state_other_integration") == 1)
        #expect(counts.openedByKey.map(\.count) == [1])
    }
}
