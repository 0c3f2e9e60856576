internal import Connections
internal import Cryptography
internal import Integrations
internal import Logging
internal import OAuth
internal import OAuthHTTP
internal import StateTokens

extension AccessTokens {
    private static var patience: Duration { .seconds(15) }

    /// Refreshes a connection's credentials (RFC 6749 §6), or waits for the request that does.
    func refreshed(
        _ found: OpenConnection, _ workspaceID: String, credentialID: String?
    ) async throws(AccessTokenError) -> OpenConnection {
        let end = ContinuousClock.now + Self.patience
        while ContinuousClock.now < end {
            let start: RefreshStart
            let owner: LeaseOwner
            do {
                owner = try LeaseOwner.random()
                start = try await store.beginRefresh(
                    found.connection.id, workspaceID: workspaceID,
                    ifCredentialsRevision: found.connection.credentialsRevision, owner: owner,
                    lease: settings.claimLease)
            } catch let error as StoreError {
                throw self.error(error, found.connection.id)
            } catch {
                logger.error(
                    "a refresh could not begin",
                    metadata: ["connection_id": "\(found.connection.id)", "error": "\(error)"])
                throw .failed
            }
            switch start {
            case .granted(let sealed):
                return try await refresh(sealed, owner: owner, credentialID: credentialID)
            case .replaced(let sealed):
                return try open(sealed)
            case .coolingDown(let remaining):
                throw .providerError(retryAfter: Self.seconds(remaining))
            case .notFound: throw .notFound
            case .busy: await pause(.milliseconds(100))
            }
        }
        throw .busy
    }

    /// Whatever comes of it is recorded, once.
    private func refresh(
        _ sealed: SealedConnection, owner: LeaseOwner, credentialID: String?
    ) async throws(AccessTokenError) -> OpenConnection {
        let start = ContinuousClock.now
        var fault: ExchangeFault?
        var event: AuditEvent
        let result: Result<OpenConnection, AccessTokenError>
        do throws(AccessTokenError) {
            result = .success(
                try await refresh(
                    sealed, owner: owner, actor: credentialID ?? EventNote.system, fault: &fault))
            // What another one has refreshed meanwhile is as good; what was asked here failed all the same.
            event = AuditEvent(.refresh, of: sealed.connection, fault == nil ? .success : .failed)
            event.reason = fault?.reason
        } catch {
            result = .failure(error)
            event = AuditEvent(
                .refresh, of: sealed.connection, error == .reconnectRequired ? .refused : .failed)
            event.reason = fault?.reason ?? error.auditReason
        }
        event.detail = fault?.detail
        event.credentialID = credentialID
        event.duration = start.duration(to: .now)
        audit.record(event)
        return try result.get()
    }

    private func refresh(
        _ sealed: SealedConnection, owner: LeaseOwner, actor: String, fault: inout ExchangeFault?
    ) async throws(AccessTokenError) -> OpenConnection {
        let old = try open(sealed)
        let connection = old.connection
        guard let request = request(for: old) else {
            // Configuration, or a discovery document that is still to come: no new flow would help.
            fault = ExchangeFault("not_configured")
            return try await afterFailure(
                .failed(retryAfter: nil), old, owner, EventNote(detail: fault?.reason, actor: actor))
        }
        let response: TokenResponse
        do throws(RefreshProblem) {
            response = try await send(request, for: old, fault: &fault)
        } catch {
            return try await afterFailure(error, old, owner, EventNote(detail: fault?.reason, actor: actor))
        }
        let hasGoodIDToken: Bool
        switch await judged(response, old) {
        case .good: hasGoodIDToken = true
        case .dropped: hasGoodIDToken = false
        case .another(let reason):
            fault = reason
            await revokeForeign(response, old)
            return try await afterFailure(
                .failed(retryAfter: nil), old, owner, EventNote(detail: fault?.reason, actor: actor))
        }
        let received = now()
        let credentials = Credentials(
            response, keeping: old.credentials, takesIDToken: hasGoodIDToken, receivedAt: received
        ).expiring(at: expiry(of: response, replacing: old, receivedAt: received))
        do {
            guard case .configured(let integration) = integrations[connection.integrationID] else {
                throw AccessTokenError.notConfigured
            }
            let location = CredentialLocation(
                workspaceID: connection.workspaceID, connectionID: connection.id)
            let grant = RefreshedGrant(
                credentials: try sealer.seal(credentials, at: location, now: now()),
                expiresAt: credentials.expiresAt,
                scopesGranted: response.scopes.isEmpty ? nil : response.scopes,
                facts: GrantFacts(
                    response, credentials, of: integration, receivedAt: received, replacing: old,
                    margin: settings.refreshMargin))
            // A rotated refresh token is stored before anyone uses the new access token.
            let isKept = try await finish(connection, with: grant, EventNote(actor: actor))
            if !isKept {
                // The connection was deleted meanwhile, or renewed.
                let result = await giveBack(
                    GrantTokens(credentials), connection, integration, accountID: connection.account?.id,
                    userID: connection.userID)
                note(result, "a refresh came back too late", connection)
            }
        } catch let error as AccessTokenError {
            throw error
        } catch {
            logger.error(
                "a refreshed grant could not be kept",
                metadata: ["connection_id": "\(connection.id)", "error": "\(error)"])
            throw .failed
        }
        return try await read(connection.id, connection.workspaceID)
    }

    /// Revokes the tokens of another user that a refresh brought: no row keeps them.
    private func revokeForeign(_ response: TokenResponse, _ old: OpenConnection) async {
        guard case .configured(let integration) = integrations[old.connection.integrationID] else { return }
        let before = old.credentials
        let refreshToken = response.refreshToken.flatMap { $0 == before.refreshToken ? nil : $0 }
        let account = response.account(of: integration).id.flatMap {
            $0 == old.connection.account?.id ? nil : $0
        }
        // Without a refresh token of its own it may be the connection's grant, which lives on.
        let isOwnGrant = refreshToken == nil && revoker.reach(of: integration) != nil
        guard response.accessToken != before.accessToken, !isOwnGrant else {
            return note(.shared, "a refresh brought another user's token", old.connection)
        }
        let result = await giveBack(
            GrantTokens(access: response.accessToken, refresh: refreshToken), old.connection, integration,
            accountID: account, userID: nil)
        note(result, "a refresh brought another user's token", old.connection)
    }

    private func note(_ result: RevocationResult, _ what: String, _ connection: Connection) {
        logger.warning(
            "\(what)",
            metadata: ["connection_id": "\(connection.id)", "revocation": "\(result.rawValue)"])
    }

    private func judged(_ response: TokenResponse, _ old: OpenConnection) async -> RefreshedIDToken {
        guard let idTokens, case .configured(let integration) = integrations[old.connection.integrationID]
        else { return .good }
        let judged = await idTokens.refreshed(
            response, before: old.credentials.idToken, for: integration, at: now())
        if case .dropped(let fault) = judged {
            logger.warning(
                "the ID token of a refresh does not hold, and the one before is kept",
                metadata: [
                    "connection_id": "\(old.connection.id)", "reason": "\(fault.reason)",
                    "detail": "\(fault.detail ?? "")",
                ])
        }
        return judged
    }

    /// Commits a refreshed grant. A store that is away for a moment is asked again: the old refresh token may be spent.
    /// - Returns: `false` if another request replaced the credentials meanwhile, or deleted the connection.
    private func finish(
        _ connection: Connection, with grant: RefreshedGrant, _ note: EventNote
    ) async throws(AccessTokenError) -> Bool {
        for attempt in 0..<5 {
            do throws(StoreError) {
                return try await store.finishRefresh(
                    connection.id, workspaceID: connection.workspaceID,
                    ifCredentialsRevision: connection.credentialsRevision, with: grant, note: note)
            } catch .unavailable(let reason, _) {
                logger.warning(
                    "a refreshed grant is not stored yet, and is tried again",
                    metadata: ["connection_id": "\(connection.id)", "error": "\(reason)"])
                await pause(.milliseconds(200 << attempt))
            } catch {
                throw AccessTokenError(error)
            }
        }
        throw .storeUnavailable
    }

    /// Revokes what a refresh got and no row holds.
    private func giveBack(
        _ tokens: GrantTokens, _ connection: Connection, _ integration: ConfiguredIntegration,
        accountID: String?, userID: String?
    ) async -> RevocationResult {
        do {
            return await revoker.revokeUnkept(
                tokens, of: integration, try integration.endpoints(of: connection), accountID: accountID,
                userID: userID)
        } catch {
            logger.warning(
                "tokens could not be revoked: the connection's endpoints cannot be made",
                metadata: ["connection_id": "\(connection.id)", "error": "\(error)"])
            return .notPossible
        }
    }

    /// When a refreshed token expires. A response that says nothing of it means what the last one said, or what the
    /// token itself says; else an hour is assumed.
    private func expiry(
        of response: TokenResponse, replacing old: OpenConnection, receivedAt now: Timestamp
    ) -> Timestamp? {
        if !response.droppedParts.isEmpty {
            logger.warning(
                "a refresh response was kept without the parts that cannot be kept",
                metadata: [
                    "connection_id": "\(old.connection.id)",
                    "parts": "\(response.droppedParts.joined(separator: ", "))",
                ])
        }
        if !response.unreadableFields.isEmpty {
            logger.warning(
                "a lifetime in a token response could not be read",
                metadata: [
                    "connection_id": "\(old.connection.id)",
                    "fields": "\(response.unreadableFields.joined(separator: ", "))",
                ])
        }
        guard response.lifetime == .unstated else {
            return response.lifetime.expiry(receivedAt: now, replacing: old.credentials.expiresAt)
        }
        if let lifetime = old.connection.facts.tokenLifetime, lifetime > .zero { return now + lifetime }
        if let end = TokenClaims.expiry(of: response.accessToken), end > now { return end }
        return response.lifetime.expiry(receivedAt: now, replacing: old.credentials.expiresAt)
    }

    static func seconds(_ duration: Duration) -> Int {
        let (seconds, rest) = duration.components
        return max(1, Int(clamping: rest > 0 ? seconds + 1 : seconds))
    }

    private func request(for old: OpenConnection) -> TokenRequest? {
        guard case .configured(let integration) = integrations[old.connection.integrationID],
            let refreshToken = tokenForRefresh(of: old)
        else { return nil }
        do {
            let endpoints = try integration.endpoints(of: old.connection)
            return try TokenRequest.refresh(
                integration, endpoints: endpoints, refreshToken: refreshToken,
                redirectURI: settings.callbackURL(integrationID: integration.id), at: now())
        } catch {
            logger.error(
                "a refresh request could not be made",
                metadata: ["connection_id": "\(old.connection.id)", "error": "\(error)"])
            return nil
        }
    }

    private func send(
        _ request: TokenRequest, for old: OpenConnection, fault: inout ExchangeFault?
    ) async throws(RefreshProblem) -> TokenResponse {
        guard case .configured(let integration) = integrations[old.connection.integrationID] else {
            throw .failed(retryAfter: nil)
        }
        do throws(ProviderFailure) {
            return try await provider.tokens(
                request, for: integration, requestedScopes: old.connection.scopesGranted,
                isRefresh: true, deadline: .now + settings.providerTimeout)
        } catch {
            fault = ExchangeFault(error)
            throw RefreshProblem(error)
        }
    }

    /// After `invalid_grant` the row is read again first: another one may have used the refresh token just before.
    private func afterFailure(
        _ problem: RefreshProblem, _ old: OpenConnection, _ owner: LeaseOwner, _ note: EventNote
    ) async throws(AccessTokenError) -> OpenConnection {
        let connection = old.connection
        let status: ConnectionChanges.Status? =
            switch problem {
            case .invalidGrant: .init(.expired, reason: "The provider no longer accepts the refresh token.")
            case .userMustAct:
                .init(.expired, reason: "The provider wants the user to sign in or consent again.")
            case .rejected: .init(.error, reason: "The provider refused the refresh request.")
            case .timedOut, .failed: nil
            }
        let again = try await read(connection.id, connection.workspaceID)
        if again.connection.credentialsRevision != connection.credentialsRevision { return again }
        let cooldown = problem.cooldown
        try await fail(connection, owner, status: status, cooldown: cooldown, note)
        switch problem {
        case .invalidGrant, .userMustAct: throw .reconnectRequired
        case .timedOut: throw .providerTimeout
        case .rejected, .failed: throw .providerError(retryAfter: Self.seconds(cooldown))
        }
    }

    private func fail(
        _ connection: Connection, _ owner: LeaseOwner, status: ConnectionChanges.Status?, cooldown: Duration,
        _ note: EventNote
    ) async throws(AccessTokenError) {
        do throws(StoreError) {
            _ = try await store.failRefresh(
                connection.id, workspaceID: connection.workspaceID, owner: owner, status: status,
                cooldown: cooldown, note: note)
        } catch {
            throw AccessTokenError(error)
        }
    }
}

/// Why a refresh brought no token.
private enum RefreshProblem: Error {
    case invalidGrant
    /// Only the user can go on (OpenID Connect Core §3.1.2.6 has the codes).
    case userMustAct
    case rejected
    case timedOut
    case failed(retryAfter: Duration?)

    /// How long the provider is left alone: as long as it asks for, within bounds.
    var cooldown: Duration {
        switch self {
        case .failed(let wanted):
            min(max(wanted ?? .zero, Self.shortest), RefreshStart.longestCooldown)
        case .invalidGrant, .userMustAct, .rejected, .timedOut: Self.shortest
        }
    }

    private static let shortest = RefreshStart.shortestCooldown

    init(_ failure: ProviderFailure) {
        switch failure {
        case .rejected where failure.isInvalidGrant: self = .invalidGrant
        case .rejected(_, _, .user): self = .userMustAct
        case .rejected: self = .rejected
        case .noResponse(.timedOut): self = .timedOut
        case .transient(_, let retryAfter): self = .failed(retryAfter: retryAfter)
        case .notSent, .noResponse, .unusable: self = .failed(retryAfter: nil)
        }
    }
}
