internal import ConnectService
internal import HTTPTypes

/// The pages for rejected callbacks, rendered once, so that junk costs little.
struct RefusalPages: Sendable {
    private let tooLarge: Answer
    private let malformed: Answer
    private let invalidState: Answer
    private let redirectURINotAllowed: Answer
    private let notReady: Answer
    private let wrongIssuer: Answer

    init(_ pages: Pages) {
        tooLarge = pages.failure(
            .contentTooLarge, "Too much at once",
            "The provider's answer is larger than any that is taken here.", "body_too_large")
        malformed = pages.failure(
            .badRequest, "Not a proper answer",
            "The provider's answer is incomplete, or says something twice.", "invalid_request")
        invalidState = pages.failure(
            .badRequest, "This link does not work",
            "It was not made here, it was changed on its way, or it is out of date.", "invalid_state")
        redirectURINotAllowed = pages.failure(
            .badRequest, "The app has moved",
            "The app that began this is no longer registered here, so you cannot be sent back to it.",
            "redirect_uri_not_allowed", canRestart: false)
        notReady = PageResponse(pages.working(), status: .serviceUnavailable).answer
        wrongIssuer = pages.failure(
            .badRequest, "From somebody else",
            "The answer does not come from the provider that was asked. Nothing was done with it.",
            "invalid_issuer")
    }

    /// All faults of a state look the same from outside.
    func callAsFunction(_ refusal: CallbackRefusal) -> Answer {
        switch refusal {
        case .tooLarge: tooLarge
        case .malformed: malformed
        case .invalidState: invalidState
        case .redirectURINotAllowed: redirectURINotAllowed
        case .notReady: notReady
        case .wrongIssuer: wrongIssuer
        }
    }
}

extension Pages {
    /// A page that says what did not work out, as an answer.
    func failure(
        _ status: HTTPResponse.Status, _ title: String, _ detail: String, _ code: String,
        canRestart: Bool = true
    ) -> Answer {
        let page = failed(title: title, detail: detail, errorCode: code, canRestart: canRestart)
        return PageResponse(page, status: status).answer
    }
}
