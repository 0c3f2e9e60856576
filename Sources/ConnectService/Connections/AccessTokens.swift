package import Connections
internal import Integrations
package import Logging
package import OAuthHTTP
package import StateTokens

/// Hands out access tokens that are good for a while, refreshing them when they are due: one request at a time for each
/// connection, on all replicas together.
package struct AccessTokens<Store: ConnectionStore>: Sendable {
    /// A token that ends sooner is refreshed before it is handed out.
    private static var margin: Duration { .seconds(60) }

    let settings: ServiceSettings
    let sealer: CredentialSealer
    let store: Store
    let integrations: IntegrationRegistry
    let provider: TokenEndpointClient
    let idTokens: IDTokenVerifier?
    let audit: AuditLog
    let logger: Logger
    let now: @Sendable () -> Timestamp

    package init(
        settings: ServiceSettings, sealer: CredentialSealer, store: Store, integrations: IntegrationRegistry,
        provider: TokenEndpointClient, idTokens: IDTokenVerifier? = nil, audit: AuditLog = .silent,
        logger: Logger,
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.settings = settings
        self.sealer = sealer
        self.store = store
        self.integrations = integrations
        self.provider = provider
        self.idTokens = idTokens
        self.audit = audit
        self.logger = logger
        self.now = now
    }

    /// The connection with credentials that are good for at least a minute, if the provider can be brought to it.
    ///
    /// - Parameters:
    ///   - isForced: refresh even if it is not due.
    ///   - credentialID: whose credential asks for it.
    package func current(
        _ id: ConnectionID, workspaceID: String, isForced: Bool = false, credentialID: String? = nil
    ) async throws(AccessTokenError) -> OpenConnection {
        let found = try await read(id, workspaceID)
        let isDue = found.credentials.expiresAt.map { $0 <= now() + Self.margin } ?? false
        guard isForced || isDue else { return found }
        guard found.credentials.refreshToken != nil else {
            // Nothing to refresh with. A token that still lives is better than none.
            guard !isForced, let expiresAt = found.credentials.expiresAt, now() < expiresAt else {
                throw .reconnectRequired
            }
            return found
        }
        guard found.connection.status != .expired else { throw .reconnectRequired }
        let task = Task { () async -> Result<OpenConnection, AccessTokenError> in
            do throws(AccessTokenError) {
                return .success(try await refreshed(found, workspaceID, credentialID: credentialID))
            } catch {
                return .failure(error)
            }
        }
        // Goes on to its end even if the one who asked goes away: a refresh token may be spent.
        do throws(AccessTokenError) {
            return try await task.value.get()
        } catch {
            // Whoever did not insist is better off with a token that still lives than with none.
            guard !isForced, error.isPassing, let expiresAt = found.credentials.expiresAt, now() < expiresAt
            else { throw error }
            return found
        }
    }

    /// The credentials as they are stored, due or not.
    package func read(_ id: ConnectionID, _ workspaceID: String) async throws(AccessTokenError)
        -> OpenConnection
    {
        let found: SealedConnection
        do throws(StoreError) {
            guard let sealed = try await store.credentials(of: id, workspaceID: workspaceID) else {
                throw .notFound
            }
            found = sealed
        } catch {
            throw self.error(error, id)
        }
        return try open(found)
    }

    /// What a store's error means to the caller; a row that cannot be read is named in the log.
    func error(_ error: StoreError, _ id: ConnectionID) -> AccessTokenError {
        if case .unreadable(let fault) = error {
            logger.error(
                "a stored connection cannot be read",
                metadata: ["connection_id": "\(id)", "error": "\(fault)"])
        }
        return AccessTokenError(error)
    }

    func open(_ sealed: SealedConnection) throws(AccessTokenError) -> OpenConnection {
        let connection = sealed.connection
        do throws(CredentialError) {
            let location = CredentialLocation(
                workspaceID: connection.workspaceID, connectionID: connection.id)
            return OpenConnection(
                connection: connection, credentials: try sealer.open(sealed.credentials, at: location))
        } catch {
            logger.error(
                "stored credentials do not open",
                metadata: ["connection_id": "\(connection.id)", "error": "\(error)"])
            throw .sealed(error)
        }
    }
}

/// A connection with its credentials in clear.
package struct OpenConnection: Sendable {
    package let connection: Connection
    package let credentials: Credentials
}

extension AccessTokenError {
    /// Says nothing against the grant: later it may go well.
    fileprivate var isPassing: Bool {
        switch self {
        case .providerError, .providerTimeout, .busy, .storeUnavailable: true
        case .notFound, .reconnectRequired, .unreadable, .sealed, .failed: false
        }
    }

    init(_ error: StoreError) {
        switch error {
        case .unavailable: self = .storeUnavailable
        case .notFound: self = .notFound
        case .unreadable(let fault): self = .unreadable(fault)
        case .corrupt, .revisionConflict, .alreadyExists, .badCursor: self = .failed
        }
    }
}
