import ConnectService
import Keyrings
import MetricsTestKit
import StateTokens
import Testing

@Suite("KeyringReloadRecord") struct KeyringReloadRecordTests {
    private let log = LogRecorder()
    private let metrics = TestMetrics()

    private func record(_ outcome: LiveKeyring.Outcome) {
        KeyringReloadRecord(.state, logger: log.logger, metrics: metrics).note(outcome)
    }

    private func count(_ outcome: String) -> Int64? {
        try? metrics.expectCounter(
            "symbolon_keyring_reloads_total", [("purpose", "state"), ("outcome", outcome)]
        ).totalValue
    }

    @Test func `what became of a file is logged and counted`() throws {
        let ring = try TestKeys.ring([TestKeys.key(1)])
        record(.replaced(with: ring))
        record(.refused(.otherDeployment(expected: "d_1", found: "d_2")))
        record(.restored)
        #expect(count("replaced") == 1 && count("refused") == 1 && count("restored") == 1)
        #expect(log.text.contains(ring.digest) && log.text.contains("00000001"))
        #expect(log.text.contains("other_deployment") && log.text.contains("d_2"))
    }

    @Test func `nothing is said of a file that is as it was`() {
        record(.unchanged)
        #expect(log.text.isEmpty)
    }
}
