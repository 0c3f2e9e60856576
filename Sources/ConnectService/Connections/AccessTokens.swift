package import Connections
package import Integrations
package import Logging
internal import OAuth
package import OAuthHTTP
package import StateTokens
package import Tracing

/// Returns access tokens that stay valid for at least a minute, and refreshes them when they are due: one request at a
/// time for each connection, over all replicas.
package struct AccessTokens<Store: ConnectionStore>: Sendable {
    let settings: ServiceSettings
    let sealer: CredentialSealer
    let store: Store
    let integrations: IntegrationRegistry
    let provider: ProviderClient
    let idTokens: IDTokenVerifier?
    let revoker: GrantRevoker<Store>
    let reads: TokenReads?
    let audit: AuditLog
    let spans: StoreSpans
    let logger: Logger
    let now: @Sendable () -> Timestamp

    package init(
        settings: ServiceSettings, sealer: CredentialSealer, store: Store, integrations: IntegrationRegistry,
        provider: ProviderClient, idTokens: IDTokenVerifier? = nil, reads: TokenReads? = nil,
        audit: AuditLog = .silent, spans: StoreSpans = .none, logger: Logger,
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.settings = settings
        self.sealer = sealer
        self.store = store
        self.integrations = integrations
        self.provider = provider
        self.idTokens = idTokens
        revoker = GrantRevoker(
            settings: settings, store: store, integrations: integrations, provider: provider, logger: logger)
        self.reads = reads
        self.audit = audit
        self.spans = spans
        self.logger = logger
        self.now = now
    }

    /// The connection with credentials that are valid for at least a minute, refreshed if needed.
    ///
    /// - Parameters:
    ///   - isForced: refresh even if it is not due.
    ///   - part: which grant's token is wanted. A second grant neither expires the connection nor is expired with it.
    ///   - credentialID: whose credential asks for it.
    package func current(
        _ id: ConnectionID, workspaceID: String, isForced: Bool = false, part: GrantPart = .first,
        credentialID: String? = nil
    ) async throws(AccessTokenError) -> OpenConnection {
        let found = try await read(id, workspaceID)
        try found.check(part)
        guard isForced || isDue(found, part) else { return found }
        guard tokenForRefresh(of: found, part, isForced: isForced) != nil else {
            // Nothing to refresh with. A token that has not expired is better than none.
            if !isForced, isAlive(found, part) { return found }
            if part == .first, !isAlive(found) { try await expire(found.connection) }
            throw .reconnectRequired
        }
        // `isForced` tries even an expired connection: a wrong setting may have been corrected.
        guard isForced || part == .second || found.connection.status != .expired else {
            throw .reconnectRequired
        }
        guard isConfigured(for: found.connection) else {
            guard !isForced, isAlive(found, part) else { throw .notConfigured }
            return found
        }
        let task = Task { () async -> Result<OpenConnection, AccessTokenError> in
            do throws(AccessTokenError) {
                return .success(try await refreshed(found, workspaceID, part, credentialID: credentialID))
            } catch {
                return .failure(error)
            }
        }
        // Goes on to its end even if the one who asked goes away: a refresh token may be spent.
        do throws(AccessTokenError) {
            return try await task.value.get()
        } catch {
            // Without `isForced`, a token that still lives is better than none.
            guard !isForced, error.isPassing, isAlive(found, part) else { throw error }
            let active = try await stillActive(found)
            try active.check(part)
            return active
        }
    }

    /// What was found before the provider was asked, unless the connection was made inactive or deleted meanwhile.
    private func stillActive(_ found: OpenConnection) async throws(AccessTokenError) -> OpenConnection {
        do throws(AccessTokenError) {
            return try await read(found.connection.id, found.connection.workspaceID)
        } catch .inactive {
            throw .inactive
        } catch .notFound {
            throw .notFound
        } catch {
            return found
        }
    }

    /// The same where nothing has to be waited for: the store answers at once, and the token is not due.
    ///
    /// - Returns: `nil` otherwise, and whatever else is the matter; the other call says what.
    package func currentAtOnce(_ id: ConnectionID, workspaceID: String) -> OpenConnection? {
        let span = spans.begin(.readCredentials)
        let found = store.credentialsAtOnce(of: id, workspaceID: workspaceID).flatMap { currentAtOnce($0) }
        // Otherwise the other call has one.
        if found != nil { span?.end() }
        return found
    }

    /// Reads the connection while the caller goes on, where the store can.
    ///
    /// - Parameter finish: is called once, on any thread, with what ``currentAtOnce(_:_:)`` takes.
    /// - Returns: `false` where the store cannot; `finish` is not called then.
    package func read(
        _ id: ConnectionID, workspaceID: String,
        _ finish: @escaping @Sendable (SealedConnection?, (any Span)?) -> Void
    ) -> Bool {
        let span = spans.begin(.readCredentials)
        return store.readCredentials(of: id, workspaceID: workspaceID) { finish($0, span) }
    }

    /// - Parameters:
    ///   - sealed: as it was read just now.
    ///   - span: of that reading; it is recorded if nothing more has to be read.
    /// - Returns: `nil` where the other calls have to say what is the matter.
    package func currentAtOnce(_ sealed: SealedConnection, _ span: (any Span)?) -> OpenConnection? {
        let found = currentAtOnce(sealed)
        if found != nil { span?.end() }
        return found
    }

    private func currentAtOnce(_ sealed: SealedConnection) -> OpenConnection? {
        let connection = sealed.connection
        guard connection.status != .inactive else { return nil }
        let location = CredentialLocation(workspaceID: connection.workspaceID, connectionID: connection.id)
        do throws(CredentialError) {
            let found = OpenConnection(
                connection: connection, credentials: try sealer.open(sealed.credentials, at: location))
            return isDue(found) ? nil : found
        } catch {
            // `current(_:workspaceID:)` opens them again, and says so.
            return nil
        }
    }

    /// What the provider gives a new access token for, if there is such.
    ///
    /// - Parameter isForced: also of a second grant whose refresh token the provider has rejected before.
    func tokenForRefresh(
        of found: OpenConnection, _ part: GrantPart = .first, isForced: Bool = false
    ) -> String? {
        if part == .second {
            guard let second = found.credentials.second, isForced || !second.hasEnded else { return nil }
            guard let rules = integration(of: found)?.integration.refresh else { return second.refreshToken }
            if rules.mode == .none { return nil }
            return rules.token == .accessToken ? second.accessToken : second.refreshToken
        }
        guard let rules = integration(of: found)?.integration.refresh else {
            return found.credentials.refreshToken
        }
        guard rules.mode != .none else { return nil }
        return rules.token == .accessToken ? found.credentials.accessToken : found.credentials.refreshToken
    }

    func integration(of found: OpenConnection) -> ConfiguredIntegration? {
        guard case .configured(let integration) = integrations[of: found.connection] else {
            return nil
        }
        return integration
    }

    func isConfigured(for connection: Connection) -> Bool {
        guard case .configured(let integration) = integrations[of: connection] else { return false }
        return integration.isClient(of: connection)
    }

    /// Sets the status `expired` of a connection whose token has ended and cannot be refreshed, so that list filters find it.
    ///
    /// - Parameter actor: the credential of the request that noticed; `nil` where the service noticed by itself.
    func expire(
        _ connection: Connection,
        reason: String = "The access token has expired, and there is no refresh token.",
        actor: String? = nil
    ) async throws(AccessTokenError) {
        var seen = connection
        for _ in 0..<5 {
            guard seen.status == .active || seen.status == .error else { return }
            do throws(StoreError) {
                _ = try await store.update(
                    seen.id, workspaceID: seen.workspaceID, ifRevision: seen.revision,
                    ConnectionChanges(status: .init(.expired, reason: reason)),
                    note: EventNote(actor: actor ?? EventNote.system))
                return
            } catch .notFound {
                return
            } catch .revisionConflict {
                // A change of a label leaves the token over; new credentials do not.
                guard let next = try await current(seen),
                    next.credentialsRevision == connection.credentialsRevision
                else { return }
                seen = next
            } catch {
                throw self.error(error, connection.id)
            }
        }
    }

    private func current(_ connection: Connection) async throws(AccessTokenError) -> Connection? {
        do throws(StoreError) {
            return try await store.connection(connection.id, workspaceID: connection.workspaceID)
        } catch {
            throw self.error(error, connection.id)
        }
    }

    /// The credentials as they are stored, due or not.
    package func read(_ id: ConnectionID, _ workspaceID: String) async throws(AccessTokenError)
        -> OpenConnection
    {
        let found: SealedConnection
        do throws(StoreError) {
            let read = try await spans.span(.readCredentials) { () async throws(StoreError) in
                try await store.credentials(of: id, workspaceID: workspaceID)
            }
            guard let read else { throw .notFound }
            found = read
        } catch {
            throw self.error(error, id)
        }
        guard found.connection.status != .inactive else { throw .inactive }
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

extension OpenConnection {
    /// Checks that the grant is there.
    func check(_ part: GrantPart) throws(AccessTokenError) {
        guard part == .first || credentials.second != nil else { throw .grantNotFound }
    }

    /// The access token of a grant; `nil` where the grant is not there.
    func accessToken(of part: GrantPart) -> String? {
        part == .first ? credentials.accessToken : credentials.second?.accessToken
    }

    /// Whether another's token of this grant has the same credentials.
    func isSame(_ part: GrantPart, as other: OpenConnection) -> Bool {
        guard part == .first else { return credentials.second == other.credentials.second }
        var mine = credentials
        var others = other.credentials
        mine.second = nil
        others.second = nil
        return mine == others
    }
}

extension AccessTokenError {
    /// Whether the cause is temporary: the grant may still be valid.
    fileprivate var isPassing: Bool {
        switch self {
        case .providerError, .tooEarly, .providerTimeout, .busy, .storeUnavailable: true
        case .notFound, .grantNotFound, .reconnectRequired, .inactive, .notConfigured, .unreadable, .sealed,
            .failed:
            false
        }
    }

    init(_ error: StoreError) {
        switch error {
        case .unavailable: self = .storeUnavailable
        case .notFound: self = .notFound
        case .unreadable(let fault): self = .unreadable(fault)
        case .corrupt, .revisionConflict, .alreadyExists, .alreadyConnected, .badCursor:
            self = .failed
        }
    }
}
