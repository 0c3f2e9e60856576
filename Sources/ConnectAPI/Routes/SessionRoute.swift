internal import Access
internal import ConnectService
internal import Encodings
internal import HTTPTypes
internal import Hummingbird
internal import StateTokens

/// `POST /api/v1/connect/sessions`: what an app's server gives to its user's browser in place of a credential.
struct SessionRoute: Sendable {
    static let path = "/api/v1/connect/sessions"

    private let create: CreateSession
    private let authenticator: Authenticator
    private let audit: AuditLog

    init(_ create: CreateSession, authenticator: Authenticator, audit: AuditLog) {
        self.create = create
        self.authenticator = authenticator
        self.audit = audit
    }

    func answer(_ request: Request, _ context: APIContext) async throws -> Response {
        let (principal, workspaceID) = try await authenticator.authorize(request, .initiate, context)
        var event = AuditEvent(.session, .success, by: principal, in: workspaceID, context.origin)
        let created: CreatedSession
        do {
            let body = try await request.octets(upTo: BodyLimit.initiate)
            let command = try SessionCommand.parse(body.span, contentType: request.headers[.contentType])
            created = try make(command, workspaceID, principal)
            event.userID = command.userID
        } catch {
            let (outcome, reason) = InitiateRoute.refusal(error)
            audit.record(
                AuditEvent(
                    .session, outcome, reason: reason, by: principal, in: workspaceID, context.origin))
            throw error
        }
        event.come(from: context.origin)
        audit.record(event)
        return .json(capacity: 2 * created.token.utf8.count + 256) { answer in
            answer.member("token", created.token)
            answer.member("connect_url", created.connectURL)
            answer.member("expires_at", created.expiresAt.rfc3339)
        }
    }

    private func make(
        _ command: SessionCommand, _ workspaceID: String, _ principal: Principal
    ) throws -> CreatedSession {
        do throws(SessionCreationError) {
            return try create.create(command, workspaceID: workspaceID, for: principal)
        } catch {
            throw error.answer
        }
    }
}
