internal import Access
internal import ConnectService
internal import Encodings
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import NIOHTTP1
internal import OpenTelemetry

/// `POST /api/v1/oauth/initiate`.
struct InitiateRoute: Sendable {
    static let path = "/api/v1/oauth/initiate"

    private let initiate: InitiateFlow
    private let authenticator: Authenticator
    private let audit: AuditLog

    init(_ initiate: InitiateFlow, authenticator: Authenticator, audit: AuditLog) {
        self.initiate = initiate
        self.authenticator = authenticator
        self.audit = audit
    }

    func answer(_ request: Request, _ context: APIContext) async throws -> Response {
        let start = ContinuousClock.now
        let caller = try await authenticator.authorize(request, .initiate, session: .initiate, context)
        let authorization = start.duration(to: .now)
        let body: [UInt8]
        do {
            body = try await request.octets(upTo: BodyLimit.initiate)
        } catch {
            record(error, caller, context.origin, audit)
            throw error
        }
        var restart = ContinuousClock.now
        defer { audit.countInitiate(lasting: authorization + restart.duration(to: .now)) }
        let contentType = request.headers[.contentType]
        do {
            return try answer(to: body, contentType: contentType, caller, context.origin, audit).response
        } catch let wait as DiscoveryWait {
            do throws(InitiateError) {
                try await initiate.discover(wait.need)
            } catch {
                let answer = error.answer
                record(answer, caller, context.origin, audit)
                throw answer
            }
            // Another's server is not what the duration of an initiate is about.
            restart = ContinuousClock.now
        }
        do {
            return try answer(to: body, contentType: contentType, caller, context.origin, audit).response
        } catch let wait as DiscoveryWait {
            // The document was forgotten already, to make room for others.
            let answer = InitiateError.undiscovered(wait.need).answer
            record(answer, caller, context.origin, audit)
            throw answer
        }
    }

    /// The answer to a request that is there as a whole and was admitted, if nothing has to be waited for.
    ///
    /// Its audit line may be held back until the log is flushed, which comes before the answer is sent.
    ///
    /// - Parameter start: when the request was there.
    func immediateResponse(
        _ header: CallerHeader, body: [UInt8], _ origin: RequestOrigin,
        since start: ContinuousClock.Instant
    ) throws -> ImmediateResponse {
        // A page's request may have to be answered as a connect session's origin asks.
        guard header.origin == nil,
            let caller = try authenticator.authorizeAtOnce(header, .initiate, origin)
        else {
            return .handOver(AdmittedRequest(target: Self.path, origin: origin))
        }
        let audit = self.audit.holdingBack
        var isOver = true
        defer { if isOver { audit.countInitiate(lasting: start.duration(to: .now)) } }
        guard body.count <= BodyLimit.initiate else {
            let error = APIError.bodyTooLarge(limit: BodyLimit.initiate)
            record(error, caller, origin, audit)
            throw error
        }
        do {
            return .answer(try answer(to: body, contentType: header.contentType, caller, origin, audit))
        } catch is DiscoveryWait {
            isOver = false
            return .handOver(AdmittedRequest(target: Self.path, origin: origin))
        }
    }

    /// Synchronous from here on: nothing is read and nothing is waited for.
    private func answer(
        to body: [UInt8], contentType: String?, _ caller: (principal: Principal, workspaceID: String),
        _ origin: RequestOrigin, _ audit: AuditLog
    ) throws -> CompleteResponse {
        let flow: InitiatedFlow
        do {
            flow = try begin(body, contentType: contentType, caller, trace: origin.trace)
        } catch let wait as DiscoveryWait {
            throw wait
        } catch {
            record(error, caller, origin, audit)
            throw error
        }
        var event = AuditEvent(.initiate, .success, by: caller.principal, in: caller.workspaceID, origin)
        event.flowID = flow.flowID
        event.integrationID = flow.integrationID
        audit.record(event)
        origin.trace?.begins(flow)
        let capacity = flow.authorizationURL.utf8.count + flow.state.utf8.count + 128
        return CompleteResponse.json(
            octets: JSONOutput.object(capacity: capacity) { answer in
                answer.member("auth_url", flow.authorizationURL)
                answer.member("state", flow.state)
                answer.member("integration_id", flow.integrationID)
            })
    }

    private func record(
        _ error: any Error, _ caller: (principal: Principal, workspaceID: String), _ origin: RequestOrigin,
        _ audit: AuditLog
    ) {
        let (outcome, reason) = Self.refusal(error)
        audit.record(
            AuditEvent(
                .initiate, outcome, reason: reason, by: caller.principal, in: caller.workspaceID, origin))
    }

    private func begin(
        _ body: [UInt8], contentType: String?, _ caller: (principal: Principal, workspaceID: String),
        trace: TraceSpan?
    ) throws -> InitiatedFlow {
        let form = try InitiateRequest.parse(body.span, contentType: contentType)
        var command = InitiateCommand(
            integrationID: form.integrationID, authMethodID: form.authMethodID, scopes: form.scopes ?? [],
            redirectURI: form.redirectURI, parameters: form.parameters ?? [:], binding: form.binding,
            connectionID: form.connectionID, appState: form.appState,
            authorizationParameters: form.authorizationParameters ?? [:], label: form.label,
            tags: form.tags ?? [:])
        command.newConnection = form.isNew ?? false
        command.userLabel = form.userLabel
        command.traceID = trace?.flowTraceID
        do throws(InitiateError) {
            guard let session = caller.principal.session else {
                guard let limits = caller.principal.limits else {
                    return try initiate.begin(
                        command, workspaceID: caller.workspaceID, userID: caller.principal.userID)
                }
                return try initiate.begin(
                    command, workspaceID: caller.workspaceID, userID: caller.principal.userID,
                    within: limits)
            }
            return try initiate.begin(command, in: session, within: caller.principal.limits)
        } catch .undiscovered(let need) {
            throw DiscoveryWait(need: need)
        } catch {
            throw error.answer
        }
    }

    /// The word for it: an error's code, or the first of the issues' types.
    static func refusal(_ error: any Error) -> (AuditEvent.Outcome, reason: String) {
        switch error {
        case let error as APIError:
            (error.status.kind == .serverError ? .failed : .refused, error.code)
        case let error as RequestValidationError:
            (.refused, error.issues.first?.type ?? "invalid_request")
        default: (.failed, "unread")
        }
    }
}

/// A flow can begin once its server's document was read.
private struct DiscoveryWait: Error {
    let need: DiscoveryNeed
}

extension Request {
    /// The body, if it has at most so many octets.
    func octets(upTo limit: Int) async throws -> [UInt8] {
        // Nothing is waited for that would not be taken.
        if let length = headers[.contentLength].flatMap({ Int($0) }), length > limit {
            throw APIError.bodyTooLarge(limit: limit)
        }
        do {
            return Array(try await body.collect(upTo: limit).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw APIError.bodyTooLarge(limit: limit)
        } catch is HTTPParserError {
            throw APIError(.badRequest, "invalid_request", "The body does not end as HTTP says.")
        }
    }
}
