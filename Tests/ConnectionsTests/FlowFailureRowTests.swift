import Connections
import Testing

@Suite("Failures in rows") struct FlowFailureRowTests {
    @Test func `what a row holds reads as what was written`() {
        for failure in FlowFailure.stored {
            #expect(FlowFailure(code: failure.code, reason: failure.reason) == failure)
        }
        #expect(Set(FlowFailure.stored.map(\.reason)).count == FlowFailure.stored.count)
    }

    @Test(
        arguments: [
            ("exchange_rejected", .requestRejected), ("exchange_failed", .exchangeFailed),
            ("exchange_timed_out", .exchangeTimedOut), ("account_mismatch", .accountMismatch),
            ("connection_not_found", .connectionNotFound), ("restart", .restart),
            ("of_a_later_version", .restart), ("", .restart), ("provider_error", .restart),
        ] as [(String, FlowFailure)])
    func `a row of an earlier version holds a sentence, and one of a later version its own codes`(
        _ code: String, _ failure: FlowFailure
    ) {
        for reason in ["The provider refused the authorization code.", "of_a_later_version", ""] {
            #expect(FlowFailure(code: code, reason: reason) == failure)
        }
    }

    @Test func `an earlier version knows every code that is written`() {
        let known = [
            "restart", "exchange_rejected", "exchange_failed", "exchange_timed_out", "account_mismatch",
            "connection_not_found",
        ]
        for failure in FlowFailure.stored { #expect(known.contains(failure.code)) }
    }
}
