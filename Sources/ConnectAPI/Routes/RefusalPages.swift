internal import ConnectPages
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
            .contentTooLarge, "The response is too large",
            "The provider's response is larger than this service accepts.", "body_too_large")
        malformed = pages.failure(
            .badRequest, "The response cannot be used",
            "The provider's response is incomplete, or has a parameter twice.", "invalid_request")
        invalidState = pages.failure(
            .badRequest, "This link does not work",
            "It was not made by this service, was changed on the way, or is out of date.", "invalid_state")
        redirectURINotAllowed = pages.failure(
            .badRequest, "The app is not registered",
            "The app that began this is no longer registered here, so you cannot be sent back to it.",
            "redirect_uri_not_allowed", canRestart: false)
        notReady = PageResponse(pages.working(), status: .serviceUnavailable).answer
        wrongIssuer = pages.failure(
            .badRequest, "The response is not from the provider",
            "It does not come from the provider that was asked, and was not used.",
            "invalid_issuer")
    }

    /// Every fault of a state gets the same page.
    func answer(_ refusal: CallbackRefusal) -> Answer {
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
    /// A page that says what failed, as a response.
    func failure(
        _ status: HTTPResponse.Status, _ title: String, _ detail: String, _ code: String,
        canRestart: Bool = true
    ) -> Answer {
        let page = failed(title: title, detail: detail, errorCode: code, canRestart: canRestart)
        return PageResponse(page, status: status).answer
    }
}
