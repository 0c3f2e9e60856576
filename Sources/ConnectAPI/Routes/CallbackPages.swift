internal import ConnectService
internal import Connections
internal import HTTPTypes
internal import Hummingbird

/// What a person sees at the end of a callback that leads to no app.
struct CallbackPages: Sendable {
    private let pages: Pages

    init(_ pages: Pages) { self.pages = pages }

    func connected(integrationLabel: String, _ id: ConnectionID) -> Response {
        PageResponse(pages.connected(integrationLabel: integrationLabel, connectionID: id.description))
            .response
    }

    /// All faults of a state look the same from outside.
    func refused(_ refusal: CallbackRefusal) -> Response {
        switch refusal {
        case .tooLarge:
            failed(
                .contentTooLarge, "Too much at once",
                "The provider's answer is larger than any that is taken here.",
                "body_too_large", canRestart: true)
        case .malformed:
            failed(
                .badRequest, "Not a proper answer",
                "The provider's answer is incomplete, or says something twice.", "invalid_request",
                canRestart: true)
        case .invalidState:
            failed(
                .badRequest, "This link does not work",
                "It was not made here, it was changed on its way, or it is out of date.", "invalid_state",
                canRestart: true)
        case .redirectURINotAllowed:
            failed(
                .badRequest, "The app has moved",
                "The app that began this is no longer registered here, so nobody can be sent back to it.",
                "redirect_uri_not_allowed", canRestart: false)
        case .notReady: PageResponse(pages.working(), status: .serviceUnavailable).response
        case .wrongIssuer:
            failed(
                .badRequest, "From somebody else",
                "The answer does not come from the provider that was asked. Nothing was done with it.",
                "invalid_issuer", canRestart: true)
        }
    }

    /// A flow without a redirect URI that failed.
    func failed(_ failure: FlowFailure) -> Response {
        let status: HTTPResponse.Status =
            switch failure.error {
            case FlowFailure.stateExpired.error: .gone
            case "exchange_failed", "exchange_rejected": .badGateway
            default: .badRequest
            }
        return failed(
            status, "Not connected", failure.description, failure.error, canRestart: true)
    }

    func flowFinished() -> Response {
        failed(
            .conflict, "Already finished",
            "This was completed before, with another answer of the provider's.",
            "flow_finished", canRestart: false)
    }

    func working() -> Response { PageResponse(pages.working()).response }

    func storeUnavailable() -> Response {
        PageResponse(pages.storeUnavailable(), status: .serviceUnavailable).response
    }

    private func failed(
        _ status: HTTPResponse.Status, _ title: String, _ detail: String, _ code: String, canRestart: Bool
    ) -> Response {
        let page = pages.failed(title: title, detail: detail, errorCode: code, canRestart: canRestart)
        return PageResponse(page, status: status).response
    }
}
