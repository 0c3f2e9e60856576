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
        _ seen: OpenConnection, _ workspaceID: String, _ part: GrantPart = .first, credentialID: String?
    ) async throws(AccessTokenError) -> OpenConnection {
        var found = seen
        let end = ContinuousClock.now + Self.patience
        var wait = Duration.milliseconds(50)
        while ContinuousClock.now < end {
            let start: RefreshStart
            let owner: LeaseOwner
            do {
                owner = try LeaseOwner.random()
                start = try await spans.span(.beginRefresh) {
                    [connection = found.connection] () async throws(StoreError) in
                    try await store.beginRefresh(
                        connection.id, workspaceID: workspaceID,
                        ifCredentialsRevision: connection.credentialsRevision, owner: owner,
                        lease: settings.refreshLease)
                }
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
                return try await refresh(sealed, part, owner: owner, credentialID: credentialID)
            case .replaced(let sealed):
                guard sealed.connection.status != .inactive else { throw .inactive }
                let next = try open(sealed)
                try next.check(part)
                // What was refreshed may have been the other grant.
                guard found.credentials.second != nil, next.isSame(part, as: found) else { return next }
                found = next
            case .coolingDown(let remaining):
                throw .providerError(retryAfter: Self.seconds(remaining))
            case .notFound: throw .notFound
            case .busy:
                await pause(wait)
                wait = min(wait * 2, .milliseconds(800))
            }
        }
        throw .busy
    }

    /// Refreshes, and writes exactly one audit event.
    private func refresh(
        _ sealed: SealedConnection, _ part: GrantPart, owner: LeaseOwner, credentialID: String?
    ) async throws(AccessTokenError) -> OpenConnection {
        let start = ContinuousClock.now
        let actor = credentialID ?? EventNote.system
        var failed: ExchangeError?
        let result: Result<OpenConnection, AccessTokenError>
        do throws(AccessTokenError) {
            let old = try open(sealed)
            switch await attempt(old, part, actor: actor) {
            case .kept(let fresh): result = .success(fresh)
            case .notKept(let error): result = .failure(error)
            case .noToken(let error):
                failed = error
                let note = EventNote(detail: error.reason, actor: actor)
                result = .success(try await afterFailure(RefreshFailure(error), old, part, owner, note))
            }
        } catch {
            result = .failure(error)
        }
        var event: AuditEvent
        switch result {
        case .success:
            // Another request may have refreshed it meanwhile; this attempt still counts as failed.
            event = AuditEvent(.refresh, of: sealed.connection, failed == nil ? .success : .failed)
            event.reason = failed?.reason
        case .failure(let error):
            event = AuditEvent(
                .refresh, of: sealed.connection, error == .reconnectRequired ? .refused : .failed)
            event.reason = failed?.reason ?? error.auditReason
        }
        event.detail = failed?.detail ?? (part == .second ? "second grant" : nil)
        event.credentialID = credentialID
        event.duration = start.duration(to: .now)
        audit.record(event)
        return try result.get()
    }

    /// Asks the provider once, and stores what it gives.
    private func attempt(_ old: OpenConnection, _ part: GrantPart, actor: String) async -> RefreshAttempt {
        if part == .second, isSecondOver(old) {
            return .noToken(.accessTokenOver)
        }
        guard case .configured(let client) = integrations[of: old.connection] else {
            return .noToken(.notConfigured)
        }
        let integration: ConfiguredIntegration
        do throws(ConnectionDiscoveryError) {
            integration = try await integrations.discovered(client, for: old.connection)
        } catch {
            // Nothing was sent to the token endpoint, so that the refresh token is as good as before.
            return .noToken(.discoveryFailed)
        }
        guard let request = request(for: old, part, of: integration)
        else {
            // Configuration, or a discovery document that is still to come: no new flow would help.
            return .noToken(.notConfigured)
        }
        var response: TokenResponse
        do throws(ProviderError) {
            response = try await provider.tokens(
                request, for: integration,
                requestedScopes: part == .first ? old.connection.scopesGranted : [],
                isRefresh: true, part: part,
                keeping: integration.integration.refresh.keepsAccessToken == true
                    ? old.accessToken(of: part) : nil,
                deadline: .now + settings.providerTimeout)
        } catch {
            return .noToken(.provider(error))
        }
        do throws(AccessTokenError) {
            if part == .second, let second = old.credentials.second {
                return .kept(try await keep(response, replacing: second, of: old, actor: actor))
            }
            let takesIDToken: Bool
            switch await judged(response, old, of: integration) {
            case .good: takesIDToken = true
            case .dropped: takesIDToken = false
            case .another(let error):
                await revokeForeign(response, old, of: integration)
                return .noToken(error)
            }
            let hasSession = await exchangeAfterRefresh(&response, old, of: integration)
            let kept = try await keep(
                response, replacing: old, of: integration, takesIDToken: takesIDToken, actor: actor)
            // The refresh token is kept: the next request tries again with it.
            return hasSession ? .kept(kept) : .notKept(.providerError(retryAfter: 1))
        } catch {
            return .notKept(error)
        }
    }

    /// Exchanges the new access token for another, where the entry does so after refreshes.
    ///
    /// - Returns: whether the grant has an access token that is good.
    private func exchangeAfterRefresh(
        _ response: inout TokenResponse, _ old: OpenConnection, of integration: ConfiguredIntegration
    ) async -> Bool {
        guard integration.integration.secondExchange?.followsRefreshes == true else { return true }
        let exchanges = SecondExchanges(timeout: settings.providerTimeout, provider: provider, now: now)
        do {
            response = try await exchanges.grant(
                of: integration, integration.endpoints(of: old.connection), after: response)
            return true
        } catch {
            logger.warning(
                "a refreshed token could not be exchanged for another",
                metadata: ["connection_id": "\(old.connection.id)", "error": "\(error)"])
            response = response.keeping(old.credentials.accessToken)
            return false
        }
    }

    /// Stores what a refresh of the whole grant brought.
    private func keep(
        _ response: TokenResponse, replacing old: OpenConnection, of integration: ConfiguredIntegration,
        takesIDToken: Bool, actor: String
    ) async throws(AccessTokenError) -> OpenConnection {
        let connection = old.connection
        noteOddities(of: response, connection)
        let received = now()
        let credentials = Credentials(
            response, keeping: old.credentials, takesIDToken: takesIDToken, receivedAt: received
        ).expiring(at: expiry(of: response, replacing: old, receivedAt: received))
        let facts = GrantFacts(
            response, credentials, of: integration, receivedAt: received, replacing: old,
            margin: settings.refreshMargin)
        let grant = RefreshedGrant(
            credentials: try seal(credentials, of: connection),
            expiresAt: credentials.expiresAt,
            scopesGranted: response.scopes.isEmpty ? nil : response.scopes, facts: facts,
            movesEnd: response.movesEnd(
                facts.reauthorizeBy, by: integration.integration.refresh, at: received, replacing: old))
        // A rotated refresh token is stored before anyone uses the new access token.
        let isKept = try await finish(connection, with: grant, EventNote(actor: actor))
        if !isKept {
            // The connection was deleted meanwhile, or renewed.
            let result = await revokeUnstored(
                GrantTokens(credentials, besides: response.second == nil ? old.credentials.second : nil),
                connection, integration, accountID: connection.account?.id, userID: connection.userID)
            note(result, "a refresh came back too late", connection)
        }
        return try await read(connection.id, connection.workspaceID)
    }

    /// Stores what a refresh of the second grant brought.
    private func keep(
        _ response: TokenResponse, replacing second: SecondCredentials, of old: OpenConnection, actor: String
    ) async throws(AccessTokenError) -> OpenConnection {
        let connection = old.connection
        var credentials = old.credentials
        let next = SecondCredentials(response, keeping: second, receivedAt: now())
        credentials.second = next
        // A rotated refresh token is stored before anyone uses the new access token.
        let isKept = try await finish(
            credentials, of: old, .second, EventNote(detail: "second grant", actor: actor))
        if !isKept, case .configured(let client) = integrations[of: connection] {
            // The connection was deleted meanwhile, or renewed.
            let result = await revokeUnstored(
                GrantTokens(access: next.accessToken, refresh: next.refreshToken), connection, client,
                accountID: connection.account?.id, userID: connection.userID)
            note(result, "a refresh of a second grant came back too late", connection)
        }
        let found = try await read(connection.id, connection.workspaceID)
        try found.check(.second)
        return found
    }

    /// Commits credentials of which only the second grant's are new.
    ///
    /// - Returns: as for a whole grant.
    func finish(
        _ credentials: Credentials, of old: OpenConnection, _ change: RefreshedGrant.Change, _ note: EventNote
    ) async throws(AccessTokenError) -> Bool {
        let connection = old.connection
        let sealed = try seal(credentials, of: connection)
        let next = nextSweep(of: OpenConnection(connection: connection, credentials: credentials))
        return try await finish(
            connection,
            with: RefreshedGrant(
                credentials: sealed, expiresAt: connection.expiresAt,
                facts: connection.facts.sweeping(at: next), change: change), note)
    }

    private func seal(
        _ credentials: Credentials, of connection: Connection
    ) throws(AccessTokenError) -> SealedCredentials {
        let location = CredentialLocation(workspaceID: connection.workspaceID, connectionID: connection.id)
        do {
            return try sealer.seal(credentials, at: location, now: now())
        } catch {
            logger.error(
                "a refreshed grant could not be kept",
                metadata: ["connection_id": "\(connection.id)", "error": "\(error)"])
            throw .failed
        }
    }

    /// Revokes the tokens of another user that a refresh brought: no row keeps them.
    private func revokeForeign(
        _ response: TokenResponse, _ old: OpenConnection, of integration: ConfiguredIntegration
    ) async {
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
        let result = await revokeUnstored(
            GrantTokens(access: response.accessToken, refresh: refreshToken), old.connection, integration,
            accountID: account, userID: nil)
        note(result, "a refresh brought another user's token", old.connection)
    }

    private func noteOddities(of response: TokenResponse, _ connection: Connection) {
        if !response.droppedParts.isEmpty {
            logger.warning(
                "a refresh response was kept without the parts that cannot be kept",
                metadata: [
                    "connection_id": "\(connection.id)",
                    "parts": "\(response.droppedParts.joined(separator: ", "))",
                ])
        }
        if !response.unreadableFields.isEmpty {
            logger.warning(
                "a lifetime in a token response could not be read",
                metadata: [
                    "connection_id": "\(connection.id)",
                    "fields": "\(response.unreadableFields.joined(separator: ", "))",
                ])
        }
    }

    private func note(_ result: RevocationOutcome, _ what: String, _ connection: Connection) {
        logger.warning(
            "\(what)",
            metadata: ["connection_id": "\(connection.id)", "revocation": "\(result.rawValue)"])
    }

    /// Whether the response names another account than the connection's.
    private func namesAnother(
        _ response: TokenResponse, than old: OpenConnection, of integration: ConfiguredIntegration
    ) -> Bool {
        let ways = integration.integration.account.id
        // Where there are several, the same account may be named in another one than before.
        guard ways.count == 1, ways.allSatisfy({ $0.parts.allSatisfy { $0.count == 1 } }),
            let known = old.connection.account,
            let id = response.account(of: integration, callbackFields: old.connection.config).id
        else { return false }
        return !ProviderAccount(id: id, label: nil).isSame(as: known)
    }

    private func judged(
        _ response: TokenResponse, _ old: OpenConnection, of integration: ConfiguredIntegration
    ) async -> RefreshedIDToken {
        guard !namesAnother(response, than: old, of: integration) else {
            return .another(.accountMismatch)
        }
        guard let idTokens else { return .good }
        let judged = await idTokens.refreshed(
            response, before: old.credentials.idToken, for: integration, at: now())
        if case .dropped(let error) = judged {
            logger.warning(
                "the ID token of a refresh does not hold, and the one before is kept",
                metadata: [
                    "connection_id": "\(old.connection.id)", "reason": "\(error.reason)",
                    "detail": "\(error.detail ?? "")",
                ])
        }
        return judged
    }

    /// Commits a refreshed grant. A store that is away for a moment is asked again: the old refresh token may be spent.
    /// - Returns: `false` if another request replaced the credentials meanwhile, or deleted the connection.
    private func finish(
        _ connection: Connection, with grant: RefreshedGrant, _ note: EventNote
    ) async throws(AccessTokenError) -> Bool {
        var isUncertain = false
        for attempt in 0..<5 {
            do throws(StoreError) {
                let isKept = try await spans.span(.finishRefresh) { () async throws(StoreError) in
                    try await store.finishRefresh(
                        connection.id, workspaceID: connection.workspaceID,
                        ifCredentialsRevision: connection.credentialsRevision, with: grant, note: note)
                }
                guard isUncertain, !isKept else { return isKept }
                return try await isStored(grant.credentials, of: connection)
            } catch .unavailable(let reason, _) {
                // It may have been committed all the same, before the connection dropped.
                isUncertain = true
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

    /// Whether credentials were stored although the call failed: the row has them then, and to revoke them would end its
    /// grant.
    private func isStored(
        _ credentials: SealedCredentials, of connection: Connection
    ) async throws(StoreError) -> Bool {
        let found = try await store.credentials(of: connection.id, workspaceID: connection.workspaceID)
        guard let held = found?.credentials else { return false }
        if held == credentials { return true }
        // They may have been sealed again meanwhile, under another key.
        let location = CredentialLocation(workspaceID: connection.workspaceID, connectionID: connection.id)
        do throws(CredentialError) {
            return try sealer.open(held, at: location) == sealer.open(credentials, at: location)
        } catch {
            // Assume that they are the same.
            return true
        }
    }

    /// Revokes what a refresh got and no row holds.
    private func revokeUnstored(
        _ tokens: GrantTokens, _ connection: Connection, _ integration: ConfiguredIntegration,
        accountID: String?, userID: String?
    ) async -> RevocationOutcome {
        do {
            let integration = try await integrations.discovered(integration, for: connection)
            return await revoker.revokeUnkept(
                tokens, of: integration, try integration.endpoints(of: connection), accountID: accountID,
                userID: userID, config: connection.config)
        } catch {
            logger.warning(
                "tokens could not be revoked: the connection's endpoints cannot be made",
                metadata: ["connection_id": "\(connection.id)", "error": "\(error)"])
            return .notPossible
        }
    }

    private func request(
        for old: OpenConnection, _ part: GrantPart, of integration: ConfiguredIntegration
    ) -> ProviderRequest? {
        guard let refreshToken = tokenForRefresh(of: old, part, isForced: true) else { return nil }
        do {
            let endpoints = try integration.endpoints(of: old.connection)
            return try ProviderRequest.refresh(
                integration, endpoints: endpoints, refreshToken: refreshToken,
                redirectURI: settings.callbackURL(
                    integrationID: integration.id, context: endpoints.context), at: now())
        } catch {
            logger.error(
                "a refresh request could not be made",
                metadata: ["connection_id": "\(old.connection.id)", "error": "\(error)"])
            return nil
        }
    }
}

/// The result of one refresh request.
private enum RefreshAttempt {
    case kept(OpenConnection)
    /// The provider gave none that can be used; the row may have to say so.
    case noToken(ExchangeError)
    case notKept(AccessTokenError)
}
