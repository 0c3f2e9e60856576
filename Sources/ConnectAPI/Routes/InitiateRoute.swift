internal import ConnectService
internal import Hummingbird
internal import Logging
internal import NIOCore

/// `POST /api/v1/oauth/initiate`.
struct InitiateRoute: Sendable {
    /// The largest body, in octets.
    static let maximumBodyByteCount = 16 * 1024

    private let initiate: InitiateFlow
    private let authenticator: Authenticator

    init(_ initiate: InitiateFlow, authenticator: Authenticator) {
        self.initiate = initiate
        self.authenticator = authenticator
    }

    func callAsFunction(_ request: Request, _ context: APIContext) async throws -> Response {
        let (principal, workspaceID) = try authenticator.authorize(request, .initiate)
        let body = try await request.octets(upTo: Self.maximumBodyByteCount)
        let flow = try begin(
            body, contentType: request.headers[.contentType], workspaceID: workspaceID,
            userID: principal.userID)
        context.logger.info(
            "flow initiated",
            metadata: [
                "flow_id": "\(flow.flowID)", "integration_id": "\(flow.integrationID)",
                "workspace_id": "\(workspaceID)", "credential_id": "\(principal.credentialID)",
            ])
        return .json(capacity: flow.authorizationURL.utf8.count + flow.state.utf8.count + 128) { answer in
            answer.member("auth_url", flow.authorizationURL)
            answer.member("state", flow.state)
            answer.member("integration_id", flow.integrationID)
        }
    }

    /// Synchronous from here on: nothing is read and nothing is written.
    private func begin(
        _ body: [UInt8], contentType: String?, workspaceID: String, userID: String?
    ) throws -> InitiatedFlow {
        let form = try InitiateRequest.parse(body.span, contentType: contentType)
        let command = InitiateCommand(
            integrationID: form.integrationID, authMethodID: form.authMethodID, scopes: form.scopes ?? [],
            redirectURI: form.redirectURI, parameters: form.parameters ?? [:], binding: form.binding,
            connectionID: form.connectionID, appState: form.appState)
        do throws(InitiateError) {
            return try initiate(command, workspaceID: workspaceID, userID: userID)
        } catch {
            throw error.answer
        }
    }
}

extension Request {
    /// The body, if it has at most so many octets.
    func octets(upTo limit: Int) async throws -> [UInt8] {
        do {
            return Array(try await body.collect(upTo: limit).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw APIError.bodyTooLarge(limit: limit)
        }
    }
}
