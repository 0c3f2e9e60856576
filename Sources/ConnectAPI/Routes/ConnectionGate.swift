internal import Access
internal import ConnectService
internal import Connections
internal import Hummingbird
internal import Integrations
internal import Logging
internal import StateTokens

/// Looks up connections for callers, who may have to do with some of their workspace's only.
struct ConnectionGate<Store: ConnectionStore>: Sendable {
    private let services: ConnectServices<Store>
    private let authenticator: Authenticator

    init(_ services: ConnectServices<Store>, authenticator: Authenticator) {
        self.services = services
        self.authenticator = authenticator
    }

    /// The connection, if the caller may have to do with it. To a session all others are as if they were not there.
    func connection(
        _ id: ConnectionID, _ workspaceID: String, for principal: Principal, _ context: APIContext
    ) async throws(APIError) -> Connection {
        // Before it is looked up: whether there is such a connection is not said.
        try check(principal, context) { $0.excludes(id.description, by: .connections) ? .connections : nil }
        let found = try await stored(id, workspaceID, context)
        guard principal.session != nil else {
            try check(principal, context) { $0.breach(by: found) }
            return found
        }
        guard principal.sees(found) else { throw .connectionNotFound }
        return found
    }

    /// The same for a caller who may have to do with all of the workspace's, without looking it up.
    func check(
        _ id: ConnectionID, _ workspaceID: String, for principal: Principal, _ context: APIContext
    ) async throws(APIError) {
        guard principal.session != nil || principal.limits != nil else { return }
        _ = try await connection(id, workspaceID, for: principal, context)
    }

    /// The same for the connection's access token, which may be good for more than the caller's scopes.
    func checkToken(
        of id: ConnectionID, _ workspaceID: String, for principal: Principal, _ context: APIContext
    ) async throws(APIError) {
        guard principal.limits != nil else { return }
        let found = try await connection(id, workspaceID, for: principal, context)
        try checkToken(of: found, for: principal, context.origin)
    }

    /// The same for one that has been read.
    func checkToken(
        of connection: Connection, for principal: Principal, _ origin: RequestOrigin
    ) throws(APIError) {
        guard let limits = principal.limits else { return }
        let rules = services.integrations.integration(connection.integrationID)?.scope
        try authenticator.reject(limits.breach(byTokenOf: connection, under: rules), of: principal, origin)
    }

    /// Those that the caller may know of; one that cannot be looked up is left out.
    func visible(
        _ ids: [ConnectionID], _ workspaceID: String, to principal: Principal
    ) async -> [ConnectionID] {
        guard principal.session != nil || principal.limits != nil else { return ids }
        var visible: [ConnectionID] = []
        for id in ids {
            do throws(StoreError) {
                let found = try await services.store.connection(id, workspaceID: workspaceID)
                if let found, principal.sees(found) { visible.append(id) }
            } catch {
                continue
            }
        }
        return visible
    }

    /// The same for what was opened: the second grant's scopes are kept with its credentials.
    func checkSecondGrant(
        of open: OpenConnection, for principal: Principal, _ origin: RequestOrigin
    ) throws(APIError) {
        guard let limits = principal.limits, let second = open.credentials.second else { return }
        let rules = services.integrations.integration(open.connection.integrationID)?.scope
        try authenticator.reject(
            limits.breach(bySecondGrant: second.scope, under: rules), of: principal, origin)
    }

    private func check(
        _ principal: Principal, _ context: APIContext,
        _ breach: (AccessLimits) -> AccessLimits.Limit?
    ) throws(APIError) {
        guard let limits = principal.limits else { return }
        try authenticator.reject(breach(limits), of: principal, context.origin)
    }

    private func stored(
        _ id: ConnectionID, _ workspaceID: String, _ context: APIContext
    ) async throws(APIError) -> Connection {
        do throws(StoreError) {
            guard let connection = try await services.store.connection(id, workspaceID: workspaceID) else {
                throw StoreError.notFound
            }
            return connection
        } catch {
            if case .unreadable(let fault) = error {
                context.logger.error(
                    "a stored connection cannot be read",
                    metadata: ["connection_id": "\(id)", "error": "\(fault)"])
            }
            throw APIError(error)
        }
    }
}

extension Principal {
    fileprivate func sees(_ connection: Connection) -> Bool {
        session?.shows(connection) ?? true && limits?.breach(by: connection) == nil
    }
}

extension Session {
    /// Whether a connection is its user's, and of an integration that it may connect.
    fileprivate func shows(_ connection: Connection) -> Bool {
        // By octets: strings that Unicode calls equivalent name different users.
        guard let owner = connection.userID, owner.utf8.elementsEqual(userID.utf8) else { return false }
        return allows(integrationID: connection.integrationID)
    }
}
