internal import ConnectPages
internal import ConnectService
internal import Connections
internal import HTTPTypes
internal import Integrations

/// What a person sees at the end of a callback that leads to no app.
struct CallbackPages: Sendable {
    private let pages: Pages
    private let refusals: RefusalPages
    private let confirmURL: String

    /// - Parameter confirmURL: where the confirmation page posts the answer.
    init(_ pages: Pages, confirmURL: String) {
        self.pages = pages
        self.confirmURL = confirmURL
        refusals = RefusalPages(pages)
    }

    func connected(integrationLabel: String, _ id: ConnectionID) -> Answer {
        PageResponse(pages.connected(integrationLabel: integrationLabel, connectionID: id.description))
            .answer
    }

    func refused(_ refusal: CallbackRefusal) -> Answer { refusals.answer(refusal) }

    /// A flow without a redirect URI that failed.
    func failed(_ failure: FlowFailure) -> Answer {
        let answer = failure.answer
        return pages.failure(answer.pageStatus, "Not connected", answer.sentence, answer.error)
    }

    /// Where a flow's user goes that failed: to the app, or on our own page.
    func end(_ destination: FlowDestination, _ failure: FlowFailure) -> Answer {
        guard let redirectURI = destination.redirectURI else { return failed(failure) }
        return .redirect(AppRedirect.failure(failure, destination, to: redirectURI))
    }

    /// Where a flow's user goes whose account is connected.
    func succeed(_ flow: AuthorizedFlow, _ id: ConnectionID) -> Answer {
        let destination = flow.destination
        guard let redirectURI = destination.redirectURI else {
            return connected(integrationLabel: flow.integration.integration.label, id)
        }
        return .redirect(AppRedirect.success(id, destination, to: redirectURI))
    }

    /// Asks the user before anything is exchanged.
    ///
    /// - Parameters:
    ///   - status: 200, or 503 where the answer could not be carried out yet.
    ///   - notice: what came in the way.
    func ask(
        _ question: ScreenQuestion, status: HTTPResponse.Status = .ok, notice: String? = nil
    ) -> Answer {
        let page = pages.screen(
            ScreenPage(
                app: question.appName, user: question.userName, integration: question.integrationLabel,
                scopes: question.scopes, ticket: question.ticket, action: confirmURL, notice: notice))
        let target = question.destination.redirectURI.map(FormTarget.source)
        return PageResponse(
            page, status: status, style: .screen, formTargets: ["'self'"] + (target.map { [$0] } ?? []),
            referrerPolicy: "strict-origin"
        ).answer
    }

    func refused(_ refusal: TicketRefusal) -> Answer {
        switch refusal {
        case .invalid, .bindingMismatch:
            pages.failure(
                .badRequest, "This page is out of date",
                "It was open for more than two minutes, or it is not one of this service's.", "invalid_ticket"
            )
        case .obstructed(.redirectURINotAllowed): refusals.answer(.redirectURINotAllowed)
        case .obstructed(.changed): failed(.restart)
        case .obstructed(.notReady), .unavailable:
            pages.failure(
                .serviceUnavailable, "One moment, please", "Your answer could not be checked yet.",
                "not_ready")
        }
    }

    func notFromOurPage() -> Answer {
        pages.failure(
            .forbidden, "This was not your answer",
            "It did not come from this service's own page, so nothing was done.", "origin_not_allowed")
    }

    func notAnAnswer() -> Answer {
        pages.failure(
            .badRequest, "This is no answer", "The form is incomplete, or has a field twice.",
            "invalid_request")
    }

    func flowFinished() -> Answer {
        pages.failure(
            .conflict, "Already finished",
            "This flow was already completed with another response of the provider.",
            "flow_finished", canRestart: false)
    }

    func working() -> Answer { PageResponse(pages.working()).answer }

    func providerUnreachable() -> Answer {
        PageResponse(pages.providerUnreachable(), status: .serviceUnavailable).answer
    }

    func storeUnavailable() -> Answer {
        PageResponse(pages.storeUnavailable(), status: .serviceUnavailable).answer
    }
}
