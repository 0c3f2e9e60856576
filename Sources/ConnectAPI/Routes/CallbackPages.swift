internal import ConnectPages
internal import ConnectService
internal import Connections
internal import HTTPTypes

/// What a person sees at the end of a callback that leads to no app.
struct CallbackPages: Sendable {
    private let pages: Pages
    private let refusals: RefusalPages

    init(_ pages: Pages) {
        self.pages = pages
        refusals = RefusalPages(pages)
    }

    func connected(integrationLabel: String, _ id: ConnectionID) -> Answer {
        PageResponse(pages.connected(integrationLabel: integrationLabel, connectionID: id.description))
            .answer
    }

    func refused(_ refusal: CallbackRefusal) -> Answer { refusals(refusal) }

    /// A flow without a redirect URI that failed.
    func failed(_ failure: FlowFailure) -> Answer {
        let answer = failure.answer
        return pages.failure(answer.pageStatus, "Not connected", answer.sentence, answer.error)
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
