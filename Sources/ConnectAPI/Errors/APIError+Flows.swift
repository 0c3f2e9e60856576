internal import ConnectService
internal import Connections
internal import HTTPTypes

extension APIError {
    /// All faults of a ticket look the same from outside.
    init(_ refusal: TicketVerificationError) {
        switch refusal {
        case .ticket, .otherWorkspace, .otherUser, .unbound, .bound:
            self.init(
                .badRequest, "invalid_ticket",
                "The ticket is not one for this caller: changed, out of date, or another's. A ticket is good for two "
                    + "minutes; begin again.")
        case .bindingMismatch:
            self.init(
                .forbidden, "binding_mismatch",
                "The secret is not the one that this flow began with, so the user who authorized is not the one whose "
                    + "session this is. Nothing was exchanged.")
        case .standing(.notReady), .unavailable:
            self.init(
                .serviceUnavailable, "not_ready", "This replica cannot tell yet. Try again in a moment.",
                headers: [.retryAfter: "2"])
        case .standing(.undiscovered): self = .providerUnreachable
        case .standing(.changed), .standing(.redirectURINotAllowed): self = .restart
        }
    }

    /// Why a flow that was claimed made no connection.
    init(_ failure: FlowFailure) {
        let answer = failure.answer
        self.init(answer.status, answer.errorCode, answer.sentence)
    }

    static let restart = APIError(
        .conflict, "restart",
        "What the flow began with has changed since, or its completion was cut short. Begin again.")
    /// The ticket is as good as before.
    static let providerUnreachable = APIError(
        .badGateway, "provider_error", FlowFailure.providerUnreachable.answer.sentence,
        headers: [.retryAfter: "2"])
    static let flowFinished = APIError(
        .conflict, "flow_finished", "The flow was completed before, with another answer of the provider's.")
    static let stillCompleting = APIError(
        .gatewayTimeout, "provider_timeout",
        "Another request is still completing this flow. Send this one again in a moment.",
        headers: [.retryAfter: "2"])
}
