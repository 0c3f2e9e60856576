import ConnectService
import HTTPTypes
import StateTokens
import Testing

@testable import ConnectAPI

@Suite("Errors of complete") struct FlowErrorTests {
    @Test(arguments: [
        ("exchange_rejected", 502, "provider_error"), ("exchange_failed", 502, "provider_error"),
        ("exchange_timed_out", 504, "provider_timeout"), ("account_mismatch", 409, "account_mismatch"),
        ("connection_not_found", 404, "connection_not_found"), ("restart", 409, "restart"),
        ("of_a_later_release", 409, "restart"),
    ])
    func `a failed flow has its status and its code`(_ error: String, _ status: Int, _ code: String) {
        let answer = APIError(flowError: error, "A sentence for a person.")
        #expect(answer.status.code == status && answer.code == code)
    }

    @Test func `an app is told of a time-out on its redirect URI as of any other unknown outcome`() {
        let failure = FlowFailure(flowError: "exchange_timed_out", "In time.")
        #expect(failure == FlowFailure(error: "exchange_failed", description: "In time."))
        #expect(FlowFailure(flowError: "restart", "x").error == "restart")
    }

    @Test func `S11 all faults of a ticket are one answer outside`() {
        let id = KeyID(rawValue: 7)
        let faults: [TicketFault] = [
            .malformed, .unknownKey(id), .disabledKey(id), .forged, .unreadable, .notYetValid, .expired,
            .otherWorkspace, .otherUser, .unbound,
        ]
        let answers = faults.map { APIError(TicketRefusal.invalid($0)) }
        #expect(answers.allSatisfy { $0 == answers[0] && $0.status == .badRequest })
        #expect(answers[0].code == "invalid_ticket")
        #expect(Set(faults.map(\.name)).count == faults.count)
    }

    @Test
    func `another session is a 403, a changed configuration a 409, and a replica that cannot tell a 503`() {
        #expect(APIError(TicketRefusal.bindingMismatch).status == .forbidden)
        for obstacle in [FlowObstacle.changed, .redirectURINotAllowed] {
            #expect(APIError(TicketRefusal.obstructed(obstacle)) == .restart)
        }
        for refusal in [TicketRefusal.obstructed(.notReady), .unavailable] {
            let answer = APIError(refusal)
            #expect(answer.status == .serviceUnavailable && answer.headers[.retryAfter] == "2")
        }
    }
}
