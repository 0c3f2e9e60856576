import ConnectPages
import ConnectService
import Connections
import HTTPTypes
import StateTokens
import Testing

@testable import ConnectAPI

@Suite("Errors of complete") struct FlowErrorTests {
    @Test(
        arguments: [
            (.codeRejected, 502, "provider_error", "exchange_rejected"),
            (.clientRejected, 502, "provider_error", "exchange_rejected"),
            (.providerUnavailable, 502, "provider_error", "exchange_failed"),
            (.exchangeTimedOut, 504, "provider_timeout", "exchange_failed"),
            (.accountMismatch, 409, "account_mismatch", "account_mismatch"),
            (.connectionNotFound, 404, "connection_not_found", "connection_not_found"),
            (.restart, 409, "restart", "restart"), (.stateExpired, 409, "restart", "state_expired"),
        ] as [(FlowFailure, Int, String, String)])
    func `a failed flow has its status and its code`(
        _ failure: FlowFailure, _ status: Int, _ code: String, _ error: String
    ) {
        let answer = APIError(failure)
        #expect(answer.status.code == status && answer.code == code)
        #expect(failure.answer.error == error)
    }

    @Test func `an app is told one of the documented errors`() {
        let documented = [
            "restart", "exchange_rejected", "exchange_failed", "account_mismatch", "account_unknown",
            "connection_not_found",
        ]
        for failure in FlowFailure.stored { #expect(documented.contains(failure.answer.error)) }
        let sentences = Set(FlowFailure.stored.map(\.answer.sentence))
        #expect(sentences.count == FlowFailure.stored.count, "two failures are told alike")
    }

    @Test func `an English page says what the app is told`() throws {
        let english = try #require(try Pages().languages.first)
        let codes = [
            "access_denied", "server_error", "login_required", "invalid_scope", "invalid_request", "other",
        ]
        let failures =
            FlowFailure.stored + [.stateExpired, .restart, .providerUnreachable]
            + codes.map { FlowFailure.provider(code: $0, description: nil) }
        for failure in failures { #expect(english[failure.answer.words] == failure.answer.sentence) }
    }

    @Test func `only a rejected code is called one`() {
        for failure in FlowFailure.stored where failure != .codeRejected {
            #expect(!failure.answer.sentence.contains("authorization code"))
        }
        for failure in FlowFailure.stored where failure != .exchangeTimedOut {
            #expect(!failure.answer.sentence.contains("did not respond"))
        }
    }

    @Test func `the provider's words go to the app, and ours onto our own page`() {
        let failure = FlowFailure.provider(code: "access_denied", description: "Call 0900 12345")
        #expect(failure.answer.error == "access_denied")
        #expect(failure.redirectDescription == "Call 0900 12345")
        #expect(!failure.answer.sentence.contains("0900"))
        #expect(FlowFailure.provider(code: "x", description: nil).redirectDescription.contains("start again"))
    }

    @Test(arguments: [
        "restart", "state_expired", "exchange_failed", "exchange_rejected", "account_mismatch",
        "exchange_timed_out", "connection_not_found",
    ])
    func `a provider's code that reads like one of ours is not passed on`(_ code: String) {
        #expect(FlowFailure.provider(code: code, description: nil).answer.error == "provider_error")
    }

    @Test func `S11 all faults of a ticket are one answer outside`() {
        let id = KeyID(rawValue: 7)
        let faults: [TicketVerificationError] = [
            .ticket(.unopened(.malformed)), .ticket(.unopened(.unknownKey(id))),
            .ticket(.unopened(.disabledKey(id))), .ticket(.unopened(.forged)), .ticket(.unreadable),
            .ticket(.notYetValid), .ticket(.expired), .otherWorkspace, .otherUser, .unbound, .bound,
        ]
        let answers = faults.map { APIError($0) }
        #expect(answers.allSatisfy { $0 == answers[0] && $0.status == .badRequest })
        #expect(answers[0].code == "invalid_ticket")
        #expect(Set(faults.map(\.name)).count == faults.count)
    }

    @Test
    func `another session is a 403, a changed configuration a 409, and a replica that cannot tell a 503`() {
        #expect(APIError(TicketVerificationError.bindingMismatch).status == .forbidden)
        for obstacle in [FlowStandingError.changed, .redirectURINotAllowed] {
            #expect(APIError(TicketVerificationError.standing(obstacle)) == .restart)
        }
        for refusal in [TicketVerificationError.standing(.notReady), .unavailable] {
            let answer = APIError(refusal)
            #expect(answer.status == .serviceUnavailable && answer.headers[.retryAfter] == "2")
        }
    }
}
