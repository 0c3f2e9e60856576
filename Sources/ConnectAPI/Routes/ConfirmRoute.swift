internal import Access
internal import ConnectPages
internal import ConnectService
internal import Connections
internal import Encodings
internal import HTTPTypes
internal import Hummingbird
internal import StateTokens

/// `POST /api/v1/oauth/confirm`: a user's answer on our page.
///
/// The ticket in the form says which flow; that a person gave the answer, on our page and in that very browser, is what the
/// browser itself says with `Origin` and `Sec-Fetch-Site`, which no page can forge.
struct ConfirmRoute<Store: ConnectionStore>: Sendable {
    static var path: String { "/api/v1/oauth/confirm" }

    private let services: ConnectServices<Store>
    private let pages: CallbackPages
    private let limits: RequestLimits
    private let origin: String

    init(_ services: ConnectServices<Store>, pages: CallbackPages, limits: RequestLimits) {
        self.services = services
        self.pages = pages
        self.limits = limits
        origin = services.settings.publicURL.origin
    }

    func answer(_ request: Request, _ context: APIContext) async throws -> Response {
        let language = pages.language(request.headers[.acceptLanguage])
        guard isFromOurPage(request.headers) else {
            return refuse(pages.notFromOurPage(in: language), "origin_not_allowed", context)
        }
        let octets = try await request.octets(upTo: BodyLimit.ticket)
        guard let form = ScreenForm(octets) else {
            return refuse(pages.notAnAnswer(in: language), "invalid_request", context)
        }
        let flow: AuthorizedFlow
        do throws(TicketVerificationError) {
            flow = try await services.tickets.verifyScreen(form.ticket)
        } catch {
            return refuse(pages.refused(error, in: language), error.name, context)
        }
        context.origin.trace?.continues(flow.destination)
        guard form.isYes else {
            // Nothing is claimed: by a junk code a stranger could end another's flow. The user's own code expires unused.
            let denial = FlowFailure.provider(
                code: "access_denied", description: "The user did not confirm the connection.")
            record(AuditEvent(.confirm, of: flow.destination, endedBy: denial), context)
            return pages.end(flow.destination, denial, in: language).response
        }
        let result = await complete(flow, from: context.origin)
        var event = AuditEvent(.confirm, of: flow.destination, result)
        event.binding = .screen
        record(event, context)
        return conclude(flow, result, in: language).response
    }

    private func isFromOurPage(_ fields: HTTPFields) -> Bool {
        fields[values: .origin] == [origin] && fields[values: .secFetchSite] == ["same-origin"]
    }

    /// Nothing is claimed and no code is sent unless the audit log has room for the lines about it.
    private func complete(_ flow: AuthorizedFlow, from origin: RequestOrigin) async -> CompletionResult {
        guard services.audit.reserve(lineCount: 2) else { return .storeUnavailable }
        defer { services.audit.release(lineCount: 2) }
        return await services.completion.complete(flow, binding: .screen, from: origin.address)
    }

    private func conclude(
        _ flow: AuthorizedFlow, _ result: CompletionResult, in language: ConnectLanguage
    ) -> CompleteResponse {
        switch result {
        case .finished(.success(let id)): pages.succeed(flow, id, in: language)
        case .finished(.failure(let failure)): pages.end(flow.destination, failure, in: language)
        case .over: pages.flowFinished(flow.destination, in: language)
        case .working: ask(flow, .ok, .screenWorking, in: language)
        case .notSent: ask(flow, .serviceUnavailable, .screenUnreachable, in: language)
        case .storeUnavailable: ask(flow, .serviceUnavailable, .screenNotStored, in: language)
        }
    }

    /// A form cannot be sent again by itself, so the user is asked once more.
    private func ask(
        _ flow: AuthorizedFlow, _ status: HTTPResponse.Status, _ notice: FlowText,
        in language: ConnectLanguage
    ) -> CompleteResponse {
        do throws(TokenEncodingError) {
            guard let question = try services.tickets.question(again: flow) else {
                return pages.end(flow.destination, .stateExpired, in: language)
            }
            return pages.ask(question, status: status, notice: notice, in: language)
        } catch {
            return pages.refused(.unavailable, in: language)
        }
    }

    // MARK: Audit log

    /// These need no credential, and a flood of them must not fill the disk.
    private func refuse(_ answer: CompleteResponse, _ reason: String, _ context: APIContext) -> Response {
        var event = AuditEvent(.confirm, .refused, reason: reason)
        event.come(from: context.origin)
        if limits.wait(afterFailureFrom: context.origin.address) == nil {
            services.audit.record(event)
        } else {
            services.audit.countOnly(event)
        }
        return answer.response
    }

    private func record(_ event: AuditEvent, _ context: APIContext) {
        var event = event
        event.come(from: context.origin)
        if limits.allowsLine(about: event.flowID) {
            services.audit.record(event)
        } else {
            services.audit.countOnly(event)
        }
    }
}

/// What our page's form holds.
struct ScreenForm: Equatable {
    let ticket: String
    let isYes: Bool

    /// - Returns: `nil` unless there is one ticket and one answer, `yes` or `no`, and nothing else.
    init?(_ octets: [UInt8]) {
        guard let fields = FormFields.parse(octets, countLimit: 2), fields.count == 2,
            let ticket = fields.first(where: { $0.name == "ticket" })?.value,
            let answer = fields.first(where: { $0.name == "answer" })?.value,
            answer == "yes" || answer == "no"
        else { return nil }
        self.ticket = ticket
        isYes = answer == "yes"
    }
}
