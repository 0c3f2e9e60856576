internal import Access
internal import ConnectPages
internal import ConnectService
internal import Connections
internal import Encodings
internal import HTTPTypes
internal import Hummingbird
internal import Integrations
internal import NIOHTTP1
internal import OAuth
internal import StateTokens

/// `GET` and `POST /api/v1/oauth/callback/{integration_id}`, and the same with `/{context}` after it: where providers send users back to.
// A class, because the closures that wait for an exchange hold it.
final class CallbackRoute<Store: ConnectionStore>: Sendable {
    private let services: ConnectServices<Store>
    private let pages: CallbackPages
    private let limits: RequestLimits

    init(_ services: ConnectServices<Store>, pages: CallbackPages, limits: RequestLimits) {
        self.services = services
        self.pages = pages
        self.limits = limits
    }

    func answer(_ request: Request, _ context: APIContext) async throws -> Response {
        guard let integrationID = context.parameters.get("integration_id") else {
            throw APIError.notFound
        }
        let header = CallerHeader(request.headers)
        guard !header.isPrefetch else { return Self.nothingDone.response }
        let isForm = request.method == .post
        if isForm { try Self.checkForm(header) }
        let octets: [UInt8]
        if isForm {
            octets = try await request.octets(upTo: CallbackParameters.byteCountLimit)
        } else {
            octets = Array((request.uri.query ?? "").utf8)
        }
        let start = ContinuousClock.now
        let callback = await services.callbacks.verify(
            octets, integrationID: integrationID, context: context.parameters.get("context"))
        note(callback, since: start)
        context.origin.trace?.continues(callback)
        guard case .authorized(let flow) = callback else {
            if isForm, case .refused(.undiscovered) = callback {
                // As below: the page looks again.
                return .redirect("\(request.uri.path)?\(PercentEncoding.query(ofForm: octets))")
            }
            return decided(
                callback, integrationID, context.origin, services.audit,
                in: pages.language(request.headers[.acceptLanguage])
            ).response
        }
        let result = await complete(flow, from: context.origin)
        return concluded(
            flow, result, context.origin, form: isForm ? octets : nil, request.headers[.acceptLanguage]
        ).response
    }

    /// A browser that only looks ahead burns no code.
    func head(_ request: Request, _ context: APIContext) -> Response { Self.nothingDone.response }

    /// The answer to a callback that is there as a whole and was admitted, if it comes to its end with its verification.
    ///
    /// Its audit line may be held back until the log is flushed, which comes before the answer is sent.
    func immediateResponse(
        _ head: HTTPRequestHead, _ header: CallerHeader, body: [UInt8], _ origin: RequestOrigin
    ) throws(APIError) -> ImmediateResponse {
        guard let path = CallbackPath(head.uri) else {
            return .handOver(AdmittedRequest(target: head.uri, origin: origin))
        }
        guard !header.isPrefetch else { return .answer(Self.nothingDone) }
        let isForm = head.method == .POST
        if isForm {
            try Self.checkForm(header)
            guard body.count <= CallbackParameters.byteCountLimit else {
                throw .bodyTooLarge(limit: CallbackParameters.byteCountLimit)
            }
        }
        let start = ContinuousClock.now
        let result = services.callbacks.verifyAtOnce(
            isForm ? body : path.query, integrationID: path.integrationID, context: path.context)
        guard let result else {
            return .handOver(AdmittedRequest(target: head.uri, origin: origin))
        }
        note(result, since: start)
        origin.trace?.continues(result)
        let language = head.headers.first(name: "Accept-Language")
        guard case .authorized(let flow) = result else {
            return .answer(
                decided(
                    result, path.integrationID, origin, services.audit.holdingBack,
                    in: pages.language(language)))
        }
        let form = isForm ? body : nil
        return .later(
            DeferredResponse { [self] finish in
                // It goes on if the caller goes away, because the code is spent either way.
                services.ongoing.run {
                    let result = await self.complete(flow, from: origin)
                    finish { [self] in .answer(concluded(flow, result, origin, form: form, language)) }
                }
                return nil
            })
    }

    /// The response after an exchange.
    ///
    /// - Parameter form: as it came, where the callback was posted.
    private func concluded(
        _ flow: AuthorizedFlow, _ result: CompletionResult, _ origin: RequestOrigin, form: [UInt8]?,
        _ language: String?
    ) -> CompleteResponse {
        record(AuditEvent(.callback, of: flow.destination, result), origin, services.audit)
        // The page polls by its own URL, which has no query after a form post: so it is redirected to one with the fields.
        if let form, [.working, .notSent, .storeUnavailable].contains(result) {
            let url = services.settings.callbackURL(
                integrationID: flow.integration.id, context: flow.endpoints.context)
            return .redirect("\(url)?\(PercentEncoding.query(ofForm: form))")
        }
        return conclude(flow, result, in: pages.language(language))
    }

    private func note(_ result: CallbackResult, since start: ContinuousClock.Instant) {
        services.tracing?.journal.note(result, after: start.duration(to: .now))
    }

    /// Nothing is claimed and no code is sent unless the audit log has room for the lines about it.
    private func complete(_ flow: AuthorizedFlow, from origin: RequestOrigin) async -> CompletionResult {
        guard services.audit.reserve(lineCount: 2) else { return .storeUnavailable }
        defer { services.audit.release(lineCount: 2) }
        return await services.completion.complete(flow, binding: .direct, from: origin.address)
    }

    /// What is answered where no code is exchanged.
    private func decided(
        _ result: CallbackResult, _ integrationID: String, _ origin: RequestOrigin, _ audit: AuditLog,
        in language: @autoclosure () -> ConnectLanguage
    ) -> CompleteResponse {
        switch result {
        case .refused(let refusal):
            record(refusal, integrationID, origin, audit)
            return pages.refused(refusal, in: language())
        case .ended(let destination, let failure):
            record(AuditEvent(.callback, of: destination, endedBy: failure), origin, audit)
            return pages.end(destination, failure, in: language())
        case .asked(let question):
            record(
                AuditEvent(.callback, of: question.destination, .pending, reason: "asked"), origin, audit)
            return pages.ask(question, in: language())
        case .handedOver(let destination, let ticket):
            record(AuditEvent(.callback, of: destination, .pending, reason: "handed_over"), origin, audit)
            guard let redirectURI = destination.redirectURI else {
                return pages.end(destination, .restart, in: language())
            }
            return .redirect(AppRedirect.ticket(ticket, destination, to: redirectURI))
        case .authorized(let flow): return pages.end(flow.destination, .restart, in: language())
        }
    }

    private func conclude(
        _ flow: AuthorizedFlow, _ result: CompletionResult, in language: @autoclosure () -> ConnectLanguage
    ) -> CompleteResponse {
        switch result {
        case .finished(.success(let id)): pages.succeed(flow, id, in: language())
        case .finished(.failure(let failure)): pages.end(flow.destination, failure, in: language())
        case .working: pages.working(flow.destination, in: language())
        case .notSent: pages.providerUnreachable(flow.destination, in: language())
        case .over: pages.flowFinished(flow.destination, in: language())
        case .storeUnavailable: pages.storeUnavailable(flow.destination, in: language())
        }
    }

    // MARK: Requests

    private static var nothingDone: CompleteResponse {
        CompleteResponse(.noContent, ResponseHeader([.cacheControl: "no-store"]))
    }

    private static func checkForm(_ header: CallerHeader) throws(APIError) {
        guard RequestMediaType.isForm(header.contentType) else {
            throw APIError(
                .unsupportedMediaType, "unsupported_media_type",
                "A callback is posted as application/x-www-form-urlencoded.")
        }
    }

    // MARK: Audit log

    private func record(
        _ refusal: CallbackVerificationError, _ integrationID: String, _ origin: RequestOrigin,
        _ audit: AuditLog
    ) {
        var event = AuditEvent(.callback, .refused, reason: refusal.name)
        // The path's integration is the sender's own word, so it is written down only if it is one.
        if services.integrations[integrationID] != nil { event.integrationID = integrationID }
        event.keyID = refusal.keyID
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
        if limits.allowsLine(about: event.flowID) { audit.record(event) } else { audit.countOnly(event) }
    }
}
