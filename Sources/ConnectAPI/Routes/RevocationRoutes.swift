internal import Access
internal import ConnectService
internal import Connections
internal import Encodings
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import StateTokens

/// `/api/v1/revocations`: the kill switch. `admin` ends grants of the credential's own workspaces, `operate` of all.
struct RevocationRoutes<Store: ConnectionStore>: Sendable {
    private let services: ConnectServices<Store>
    private let authenticator: Authenticator

    init(_ services: ConnectServices<Store>, authenticator: Authenticator) {
        self.services = services
        self.authenticator = authenticator
    }

    func begin(_ request: Request, _ context: APIContext) async throws -> Response {
        let principal = try await authenticator.authenticate(request, anyOf: [.admin, .operate], context)
        let key = try request.idempotencyKey()
        let body = try await request.octets(upTo: BodyLimit.initiate)
        let form = try RevocationRequest.parse(body.span, contentType: request.headers[.contentType])
        let named = form.filter.workspaceID ?? request.headers[.workspaceID].flatMap { $0.isEmpty ? nil : $0 }
        let workspaceID =
            try principal.permissions.contains(.operate)
            ? named : authenticator.workspaceID(named: named, of: principal, request, context)
        let filter = RevocationFilter(
            workspaceID: workspaceID, integrationID: form.filter.integrationID, userID: form.filter.userID,
            since: form.filter.since)
        try authenticator.reject(principal.limits?.breach(by: filter), of: principal, context.origin)
        try services.audit.admit(lineCount: 1)
        defer { services.audit.release(lineCount: 1) }
        do throws(RevokeGrantsError) {
            let revocation = try await services.revocations.begin(
                filter, isDryRun: form.isDryRun, idempotencyKey: key, credentialID: principal.credentialID)
            return .json(.accepted, capacity: 512) { revocation.write(to: &$0) }
        } catch {
            throw error.answer
        }
    }

    func show(_ request: Request, _ context: APIContext) async throws -> Response {
        let found = try await revocation(request, context)
        return .json(capacity: 512) { found.write(to: &$0) }
    }

    func grants(_ request: Request, _ context: APIContext) async throws -> Response {
        let found = try await revocation(request, context)
        let query = try GrantListQuery(request.uri.queryParameters)
        let grants: [RevocationEntry]
        do throws(StoreError) {
            // One more than the page has says whether there is another.
            grants = try await services.store.grants(
                of: found.id, that: query.progress, after: query.last, limit: query.limit + 1)
        } catch {
            throw APIError(error)
        }
        let page = grants.prefix(query.limit)
        return .json(capacity: 256 + 192 * page.count) { answer in
            answer.array("data") { elements in
                for grant in page { elements.object { grant.write(to: &$0) } }
            }
            answer.member(
                "next_cursor",
                grants.count > page.count
                    ? page.last.map { GrantListQuery.cursor(after: $0.connectionID) } : nil)
        }
    }

    /// The revocation that the path names, if the credential may see it.
    private func revocation(_ request: Request, _ context: APIContext) async throws -> Revocation {
        let principal = try await authenticator.authenticate(request, anyOf: [.admin, .operate], context)
        guard let text = context.parameters.get("id"), let id = RevocationID(text) else {
            throw APIError.revocationNotFound
        }
        let found: Revocation?
        do throws(StoreError) {
            found = try await services.store.revocation(id)
        } catch {
            throw APIError(error)
        }
        guard let found, principal.maySee(found) else { throw APIError.revocationNotFound }
        return found
    }
}

extension Principal {
    fileprivate func maySee(_ revocation: Revocation) -> Bool {
        if let limits, limits.breach(by: revocation.filter) != nil { return false }
        if permissions.contains(.operate) { return true }
        guard let workspaceID = revocation.filter.workspaceID else { return false }
        // By octets: strings that Unicode calls equivalent name different workspaces.
        return workspaceIDs.contains { $0.utf8.elementsEqual(workspaceID.utf8) }
    }
}

extension APIError {
    static let revocationNotFound = APIError(
        .notFound, "revocation_not_found", "There is no such revocation, or the credential may not see it.")
}

extension RevokeGrantsError {
    fileprivate var answer: any Error {
        switch self {
        case .emptyFilter:
            RevocationRequest.emptyFilter
        case .keyReused:
            RequestValidationError.idempotencyKeyReused(for: "revocation")
        case .store(let error): APIError(error)
        case .unavailable: APIError.internalError
        }
    }
}
