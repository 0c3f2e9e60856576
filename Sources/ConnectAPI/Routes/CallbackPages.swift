internal import ConnectPages
internal import ConnectService
internal import Connections
internal import HTTPTypes
internal import Integrations

/// What a person sees at the end of a callback that leads to no app.
///
/// The reader's language comes from the request's header; it is looked up only where there is a page to write. Whose look a
/// page has comes from the sealed state.
struct CallbackPages: Sendable {
    private let pages: Pages
    private let refusals: RefusalPages
    private let workspaces: WorkspaceDirectory
    private let confirmURL: String
    private let path: String

    /// - Parameters:
    ///   - confirmURL: where the confirmation page posts the answer.
    ///   - path: that of the service's public URL, without a trailing slash.
    init(_ pages: Pages, workspaces: WorkspaceDirectory, confirmURL: String, path: String) {
        self.pages = pages
        self.workspaces = workspaces
        self.confirmURL = confirmURL
        self.path = path
        refusals = RefusalPages(pages)
    }

    /// - Parameter acceptLanguage: the request's header field.
    func language(_ acceptLanguage: String?) -> ConnectLanguage { pages.language(acceptLanguage) }

    func refused(_ refusal: CallbackVerificationError, in language: ConnectLanguage) -> CompleteResponse {
        refusals.answer(refusal, in: language)
    }

    /// Where a flow's user goes that failed: to the app, or on our own page.
    func end(
        _ destination: FlowDestination, _ failure: FlowFailure,
        in language: @autoclosure () -> ConnectLanguage
    ) -> CompleteResponse {
        guard let redirectURI = destination.redirectURI else {
            return failed(failure, in: frame(destination, language()))
        }
        return .redirect(AppRedirect.failure(failure, destination, to: redirectURI))
    }

    /// Where a flow's user goes whose account is connected.
    func succeed(
        _ flow: AuthorizedFlow, _ id: ConnectionID, in language: @autoclosure () -> ConnectLanguage
    ) -> CompleteResponse {
        let destination = flow.destination
        guard let redirectURI = destination.redirectURI else {
            let page = pages.connected(
                integrationLabel: flow.integration.integration.label, connectionID: id.description,
                in: frame(destination, language()))
            return PageResponse(page).answer
        }
        return .redirect(AppRedirect.success(id, destination, to: redirectURI))
    }

    /// Asks the user before anything is exchanged.
    ///
    /// - Parameters:
    ///   - status: 200, or 503 where the answer could not be carried out yet.
    ///   - notice: what came in the way.
    func ask(
        _ question: ScreenQuestion, status: HTTPResponse.Status = .ok, notice: FlowText? = nil,
        in language: ConnectLanguage
    ) -> CompleteResponse {
        let page = pages.screen(
            ScreenPage(
                app: question.appName, user: question.userName, integration: question.integrationLabel,
                scopes: question.scopes, ticket: question.ticket, action: confirmURL, notice: notice),
            in: frame(question.destination, language))
        let target = question.destination.redirectURI.map(FormTarget.source)
        return PageResponse(
            page, status: status, style: .screen, formTargets: ["'self'"] + (target.map { [$0] } ?? []),
            referrerPolicy: "strict-origin"
        ).answer
    }

    func refused(_ refusal: TicketVerificationError, in language: ConnectLanguage) -> CompleteResponse {
        let frame = PageFrame(language)
        return switch refusal {
        case .ticket, .otherWorkspace, .otherUser, .unbound, .bound, .bindingMismatch:
            pages.failure(.badRequest, .outOfDate, .outOfDateWords, "invalid_ticket", in: frame)
        case .standing(.redirectURINotAllowed): refusals.answer(.redirectURINotAllowed, in: language)
        case .standing(.changed): failed(.restart, in: frame)
        case .standing(.notReady), .standing(.undiscovered), .unavailable:
            pages.failure(.serviceUnavailable, .moment, .uncheckedWords, "not_ready", in: frame)
        }
    }

    func notFromOurPage(in language: ConnectLanguage) -> CompleteResponse {
        pages.failure(.forbidden, .notYours, .notYoursWords, "origin_not_allowed", in: PageFrame(language))
    }

    func notAnAnswer(in language: ConnectLanguage) -> CompleteResponse {
        pages.failure(.badRequest, .noAnswer, .noAnswerWords, "invalid_request", in: PageFrame(language))
    }

    func flowFinished(_ destination: FlowDestination, in language: ConnectLanguage) -> CompleteResponse {
        pages.failure(
            .conflict, .finished, .finishedWords, "flow_finished", canRestart: false,
            in: frame(destination, language))
    }

    func working(_ destination: FlowDestination, in language: ConnectLanguage) -> CompleteResponse {
        PageResponse(pages.working(in: frame(destination, language))).answer
    }

    func providerUnreachable(_ destination: FlowDestination, in language: ConnectLanguage) -> CompleteResponse
    {
        let page = pages.providerUnreachable(in: frame(destination, language))
        return PageResponse(page, status: .serviceUnavailable).answer
    }

    func storeUnavailable(_ destination: FlowDestination, in language: ConnectLanguage) -> CompleteResponse {
        let page = pages.storeUnavailable(in: frame(destination, language))
        return PageResponse(page, status: .serviceUnavailable).answer
    }

    /// A flow without a redirect URI that failed.
    private func failed(_ failure: FlowFailure, in frame: PageFrame) -> CompleteResponse {
        let answer = failure.answer
        return pages.failure(answer.pageStatus, .notConnected, answer.words, answer.error, in: frame)
    }

    private func frame(_ destination: FlowDestination, _ language: ConnectLanguage) -> PageFrame {
        PageFrame(language, look: workspaces[destination.workspaceID].map { AppTheme($0, path: path) })
    }
}
