internal import ConnectPages
internal import ConnectService
internal import HTTPTypes
internal import OAuth

/// The pages for rejected callbacks, rendered once for each language, so that junk costs little. They name no app: whose
/// the callback was is not known, or not sure.
struct RefusalPages: Sendable {
    private let byLanguage: [Answers]

    init(_ pages: Pages) { byLanguage = pages.languages.map { Answers(pages, PageFrame($0)) } }

    /// Every fault of a state gets the same page.
    func answer(_ refusal: CallbackVerificationError, in language: ConnectLanguage) -> CompleteResponse {
        let answers = byLanguage[language.index]
        return switch refusal {
        case .parameters(.tooLarge): answers.tooLarge
        case .parameters(.malformed): answers.malformed
        case .stateMissing, .state, .otherIntegration, .otherContext: answers.invalidState
        case .redirectURINotAllowed: answers.redirectURINotAllowed
        case .notReady: answers.notReady
        case .wrongIssuer: answers.wrongIssuer
        case .undiscovered: answers.undiscovered
        }
    }

    private struct Answers {
        let tooLarge: CompleteResponse
        let malformed: CompleteResponse
        let invalidState: CompleteResponse
        let redirectURINotAllowed: CompleteResponse
        let notReady: CompleteResponse
        let wrongIssuer: CompleteResponse
        let undiscovered: CompleteResponse

        init(_ pages: Pages, _ frame: PageFrame) {
            tooLarge = pages.failure(
                .contentTooLarge, .tooLarge, .tooLargeWords, "body_too_large", in: frame)
            malformed = pages.failure(
                .badRequest, .malformed, .malformedWords, "invalid_request", in: frame)
            invalidState = pages.failure(
                .badRequest, .invalidState, .invalidStateWords, "invalid_state", in: frame)
            redirectURINotAllowed = pages.failure(
                .badRequest, .appUnknown, .appUnknownWords, "redirect_uri_not_allowed", canRestart: false,
                in: frame)
            notReady = PageResponse(pages.working(in: frame), status: .serviceUnavailable).answer
            undiscovered =
                PageResponse(pages.providerUnreachable(in: frame), status: .serviceUnavailable).answer
            wrongIssuer = pages.failure(
                .badRequest, .wrongIssuer, .wrongIssuerWords, "invalid_issuer", in: frame)
        }
    }
}

extension Pages {
    /// A page that says what failed, as a response.
    func failure(
        _ status: HTTPResponse.Status, _ title: FlowText, _ detail: FlowText, _ code: String,
        canRestart: Bool = true, in frame: PageFrame
    ) -> CompleteResponse {
        let page = failed(
            title: title, detail: detail, errorCode: code, canRestart: canRestart, in: frame)
        return PageResponse(page, status: status).answer
    }
}
