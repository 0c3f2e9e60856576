internal import ConnectService
internal import Connections
internal import HTTPTypes
internal import Hummingbird
internal import Integrations
internal import OAuth
internal import StateTokens

/// `GET` and `POST /api/v1/oauth/callback/{integration_id}`: where providers send users back to.
struct CallbackRoute<Store: ConnectionStore>: Sendable {
    private let services: ConnectServices<Store>
    private let pages: CallbackPages
    private let limits: RequestLimits

    init(_ services: ConnectServices<Store>, pages: CallbackPages, limits: RequestLimits) {
        self.services = services
        self.pages = pages
        self.limits = limits
    }

    func get(_ request: Request, _ context: APIContext) async throws -> Response {
        guard !CallerHeader(request.headers).isPrefetch else { return Self.nothingDone }
        return await answer(Array((request.uri.query ?? "").utf8), context, isForm: false)
    }

    /// `response_mode=form_post`.
    func post(_ request: Request, _ context: APIContext) async throws -> Response {
        guard !CallerHeader(request.headers).isPrefetch else { return Self.nothingDone }
        guard Self.isForm(request.headers[.contentType]) else {
            throw APIError(
                .unsupportedMediaType, "unsupported_media_type",
                "A callback is posted as application/x-www-form-urlencoded.")
        }
        let form = try await request.octets(upTo: CallbackParameters.byteCountLimit)
        return await answer(form, context, isForm: true)
    }

    /// Whoever only looks ahead burns no code.
    func head(_ request: Request, _ context: APIContext) -> Response { Self.nothingDone }

    private func answer(_ octets: [UInt8], _ context: APIContext, isForm: Bool) async -> Response {
        guard let integrationID = context.parameters.get("integration_id") else {
            return APIError.notFound.response
        }
        let start = ContinuousClock.now
        let verdict = await services.callbacks.verify(octets, integrationID: integrationID)
        services.tracing?.journal.note(verdict, after: start.duration(to: .now))
        guard case .authorized(let flow) = verdict else {
            return decided(verdict, integrationID, context.origin, services.audit).response
        }
        let conclusion = await complete(flow, from: context.origin)
        record(
            AuditEvent(.callback, of: flow.destination, conclusion), context.origin, services.audit)
        // A page looks again by its URL, which a form has left empty: so the form becomes one.
        if isForm, [.working, .notSent, .storeUnavailable].contains(conclusion) {
            let url = services.settings.callbackURL(integrationID: integrationID)
            return .redirect("\(url)?\(String(decoding: octets, as: UTF8.self))")
        }
        return conclude(flow, conclusion).response
    }

    /// Nothing is claimed and no code is sent unless the audit log has room for the lines about it.
    private func complete(_ flow: AuthorizedFlow, from origin: RequestOrigin) async -> FlowConclusion {
        guard services.audit.reserve(lineCount: 2) else { return .storeUnavailable }
        defer { services.audit.release(lineCount: 2) }
        return await services.completion.complete(flow, binding: .direct, from: origin.address)
    }

    /// The answer to a callback that comes to its end with its verification; `nil`, and nothing is done, for one whose code
    /// is to be exchanged.
    ///
    /// Its audit line may be held back until the log is flushed, which comes before the answer is sent.
    func answerAtOnce(_ query: [UInt8], integrationID: String, _ origin: RequestOrigin) -> Answer? {
        guard let verdict = services.callbacks.endingAtOnce(query, integrationID: integrationID) else {
            return nil
        }
        return decided(verdict, integrationID, origin, services.audit.holdingBack)
    }

    /// What is answered where no code is exchanged.
    private func decided(
        _ verdict: CallbackVerdict, _ integrationID: String, _ origin: RequestOrigin, _ audit: AuditLog
    ) -> Answer {
        switch verdict {
        case .refused(let refusal):
            record(refusal, integrationID, origin, audit)
            return pages.refused(refusal)
        case .ended(let destination, let failure):
            record(AuditEvent(.callback, of: destination, endedBy: failure), origin, audit)
            return end(destination, failure)
        case .handedOver(let destination, let ticket):
            record(AuditEvent(.callback, of: destination, .pending, reason: "handed_over"), origin, audit)
            guard let redirectURI = destination.redirectURI else { return end(destination, .restart) }
            return .redirect(AppRedirect.ticket(ticket, destination, to: redirectURI))
        case .authorized(let flow): return end(flow.destination, .restart)
        }
    }

    private func conclude(_ flow: AuthorizedFlow, _ conclusion: FlowConclusion) -> Answer {
        let destination = flow.destination
        switch conclusion {
        case .outcome(.success(let id)):
            guard let redirectURI = destination.redirectURI else {
                return pages.connected(integrationLabel: flow.integration.integration.label, id)
            }
            return .redirect(AppRedirect.success(id, destination, to: redirectURI))
        case .outcome(.failure(let failure)): return end(destination, failure)
        case .working: return pages.working()
        case .notSent: return pages.providerUnreachable()
        case .over: return pages.flowFinished()
        case .storeUnavailable: return pages.storeUnavailable()
        }
    }

    private func end(_ destination: FlowDestination, _ failure: FlowFailure) -> Answer {
        guard let redirectURI = destination.redirectURI else { return pages.failed(failure) }
        return .redirect(AppRedirect.failure(failure, destination, to: redirectURI))
    }

    // MARK: Requests

    private static var nothingDone: Response {
        Response(status: .noContent, headers: [.cacheControl: "no-store"])
    }

    private static func isForm(_ contentType: String?) -> Bool {
        let type = contentType?.split(separator: ";").first?.filter { $0 != " " }.lowercased()
        return type == "application/x-www-form-urlencoded"
    }

    // MARK: Audit log

    private func record(
        _ refusal: CallbackRefusal, _ integrationID: String, _ origin: RequestOrigin, _ audit: AuditLog
    ) {
        var event = AuditEvent(.callback, .refused, reason: refusal.name)
        // The path's integration is the sender's own word, so it is written down only if it is one.
        if services.integrations[integrationID] != nil { event.integrationID = integrationID }
        if case .invalidState(let fault) = refusal { event.keyID = fault.keyID }
        // Anybody can send these, and a flood of them must not fill the disk.
        if limits.wait(afterFailureFrom: origin.address) == nil {
            record(event, origin, audit)
        } else {
            audit.countOnly(event)
        }
    }

    private func record(_ event: AuditEvent, _ origin: RequestOrigin, _ audit: AuditLog) {
        var event = event
        event.come(from: origin)
        audit.record(event)
    }
}
