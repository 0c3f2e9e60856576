package import Connections
internal import Cryptography
package import Encodings
internal import Integrations
package import Logging
internal import OAuth
package import OAuthHTTP
package import StateTokens

/// Claims flows and exchanges their codes: the claim comes before the token request, so that no code is ever sent twice,
/// whatever crashes.
package struct FlowCompletion<Store: ConnectionStore>: Sendable {
    private let settings: ServiceSettings
    private let stateSealer: Sealer
    private let credentialSealer: CredentialSealer
    private let store: Store
    private let provider: ProviderClient
    private let revoker: GrantRevoker<Store>
    private let waiting: FlowWaitingRoom<Store>
    private let counts: ConnectionCounts
    private let attempts = CodeAttempts()
    private let idTokens: IDTokenVerifier?
    private let accounts: AccountLookups
    private let seconds: SecondExchanges
    private let audit: AuditLog
    private let logger: Logger
    private let journal: FlowJournal?
    private let spans: StoreSpans
    private let now: @Sendable () -> Timestamp

    package init(
        settings: ServiceSettings, stateSealer: Sealer, credentialSealer: CredentialSealer, store: Store,
        integrations: IntegrationRegistry? = nil, provider: ProviderClient,
        counts: ConnectionCounts = ConnectionCounts(),
        idTokens: IDTokenVerifier? = nil, audit: AuditLog = .silent, logger: Logger,
        journal: FlowJournal? = nil, spans: StoreSpans = .none,
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.settings = settings
        self.stateSealer = stateSealer
        self.credentialSealer = credentialSealer
        self.store = store
        self.provider = provider
        revoker = GrantRevoker(
            settings: settings, store: store, integrations: integrations, provider: provider, logger: logger)
        waiting = FlowWaitingRoom(store)
        self.counts = counts
        self.idTokens = idTokens
        accounts = AccountLookups(timeout: settings.providerTimeout, provider: provider, logger: logger)
        seconds = SecondExchanges(timeout: settings.providerTimeout, provider: provider, now: now)
        self.audit = audit
        self.logger = logger
        self.journal = journal
        self.spans = spans
        self.now = now
    }

    /// Completes a flow once. Every delivery of the same code gets the first one's outcome.
    ///
    /// It runs to its end even if the caller goes away, because the code is spent either way.
    /// - Parameter address: the client's, by which codes that are rejected are limited; `nil` where the caller has a
    ///   credential.
    package func complete(
        _ flow: AuthorizedFlow, binding: FlowBinding, from address: IPAddress? = nil
    ) async -> FlowConclusion {
        await Task { await claimAndExchange(flow, binding: binding, from: address) }.value
    }

    private func claimAndExchange(
        _ flow: AuthorizedFlow, binding: FlowBinding, from address: IPAddress?
    ) async -> FlowConclusion {
        let codeHash: CodeHash
        let owner: LeaseOwner
        do {
            codeHash = try self.codeHash(of: flow)
            owner = try LeaseOwner.random()
        } catch {
            // The key was disabled since the verification, or libcrypto failed. Nothing was claimed.
            logger.error(
                "a callback could not be claimed",
                metadata: metadata(of: flow).merging(["error": "\(error)"]) { first, _ in first })
            return .outcome(.restart)
        }
        // The flow may be freed while this code waits, and then this one is tried.
        for _ in 0..<3 {
            // An address that tries many codes waits; its page looks again.
            guard attempts.allow(flow.verified.flowID, from: address) else { return .working }
            do throws(StoreError) {
                let claim = try await spans.span(.claimFlow) { () async throws(StoreError) in
                    try await store.claim(
                        flow: flow.verified.flowID, codeHash: codeHash, owner: owner,
                        lease: settings.claimLease, keep: settings.claimRetention,
                        subject: subject(of: flow))
                }
                switch claim {
                case .claimed:
                    note(.claimed, flow)
                    let conclusion = await exchange(flow, binding: binding, owner: owner)
                    if conclusion == .outcome(.failure(.codeRejected)) {
                        attempts.count(flow.verified.flowID, from: address)
                    }
                    return conclusion
                case .finished(let outcome): return .outcome(outcome)
                case .over: return .over
                case .pending: break
                }
            } catch {
                log(error, "claim", flow)
                return .storeUnavailable
            }
            switch await waiting.progress(of: flow.verified.flowID, codeHash: codeHash) {
            case .free: continue
            case .finished(let outcome): return .outcome(outcome)
            case .over: return .over
            case .pending: return .working
            case nil: return .storeUnavailable
            }
        }
        return .working
    }

    private func codeHash(of flow: AuthorizedFlow) throws(OpenError) -> CodeHash {
        let code = Array(flow.grant.code.utf8)
        let context = flow.verified.flowID.octets
        let octets = try stateSealer.keyedHash(
            of: code.span, label: .code, context: context.span, key: flow.verified.keyID)
        guard let hash = CodeHash(octets: octets) else { throw .unavailable }
        return hash
    }

    // MARK: Exchange

    private func exchange(
        _ flow: AuthorizedFlow, binding: FlowBinding, owner: LeaseOwner
    ) async -> FlowConclusion {
        let start = ContinuousClock.now
        let (conclusion, fault) = await result(of: flow, binding: binding, owner: owner)
        var event = AuditEvent(exchange: flow, conclusion, fault)
        event.binding = binding
        event.duration = start.duration(to: .now)
        audit.record(event)
        return conclusion
    }

    /// - Returns: how the flow ends, and the cause of a failure where it is known.
    private func result(
        of flow: AuthorizedFlow, binding: FlowBinding, owner: LeaseOwner
    ) async -> (FlowConclusion, ExchangeFault?) {
        let named: Connection?
        do throws(StoreError) {
            named = try await connectionNamed(by: flow)
        } catch {
            // Nothing was sent: once the store is back, the same code is as good as before.
            log(error, "read", flow)
            _ = await unclaim(flow, owner: owner)
            return (.storeUnavailable, nil)
        }
        let renewed: Connection?
        var response: TokenResponse
        do throws(ExchangeFault) {
            renewed = try connectionToRenew(named, flow)
            response = try await send(try request(for: flow), for: flow)
        } catch {
            switch error.failure {
            case .codeRejected: return (await release(flow, owner: owner), error)
            case .providerUnreachable:
                guard await unclaim(flow, owner: owner) else { return (.storeUnavailable, error) }
                note(.failed(.providerUnreachable), flow)
                return (.notSent, error)
            default: return (await finish(flow, owner: owner, as: .failed(error.failure)), error)
            }
        }
        let grant: ConnectionGrant
        let ending: FlowEnding
        var lookup: JSONValue?
        var detail: String?
        do throws(ExchangeFault) {
            if let excess = response.excess { throw ExchangeFault(unusable: excess) }
            if let fault = await idTokens?.fault(in: response, for: flow.integration, at: now()) {
                throw ExchangeFault(fault.reason, detail: fault.detail, failure: .idTokenRejected)
            }
            try checkNonce(of: response, flow)
            response = try await seconds.grant(for: flow, after: response)
            let found = await accounts.response(for: flow, response)
            lookup = found.answer
            detail = found.problem.map { "the account could not be looked up: \($0)" }
            grant = ConnectionGrant(flow, response, lookup: lookup, receivedAt: now())
            ending = try self.ending(of: flow, grant, renewing: renewed, binding: binding)
        } catch {
            await revoke(response, lookup: lookup, flow)
            return (await finish(flow, owner: owner, as: .failed(error.failure)), error)
        }
        let conclusion = await commit(ending, of: flow, owner: owner, detail: detail) { existing, match in
            renewal(of: existing, ifMatching: match, flow, grant, binding: binding)
        }
        switch conclusion {
        case .outcome(.success)?: counts.made(binding)
        case nil:
            // To revoke it could end a connection that was stored.
            logger.error(
                "the store does not say whether a connection was stored: its grant was not revoked",
                metadata: metadata(of: flow))
        default: await revoke(response, lookup: lookup, flow)
        }
        return (conclusion ?? .storeUnavailable, nil)
    }

    private func request(for flow: AuthorizedFlow) throws(ExchangeFault) -> TokenRequest {
        do throws(TokenRequestError) {
            return try TokenRequest.exchange(
                flow.integration, endpoints: flow.endpoints, code: flow.grant.code,
                redirectURI: settings.callbackURL(
                    integrationID: flow.integration.id, context: flow.endpoints.context),
                codeVerifier: flow.verified.state.codeVerifier?.text, state: flow.stateText, at: now())
        } catch {
            logger.error("the client's secret could not be signed", metadata: metadata(of: flow))
            throw ExchangeFault(.clientUnusable)
        }
    }

    private func send(
        _ request: TokenRequest, for flow: AuthorizedFlow
    ) async throws(ExchangeFault) -> TokenResponse {
        note(
            .tokenRequest(
                endpoint: flow.endpoints.token, authentication: flow.integration.tokenAuthentication.rawValue,
                sendsVerifier: flow.verified.state.codeVerifier != nil), flow)
        let start = ContinuousClock.now
        do throws(ProviderFailure) {
            let response = try await tokens(request, for: flow, since: start)
            if !response.unreadableFields.isEmpty {
                logger.warning(
                    "a lifetime in a token response could not be read",
                    metadata: metadata(of: flow).merging(
                        ["fields": "\(response.unreadableFields.joined(separator: ", "))"]
                    ) { first, _ in first })
            }
            return response
        } catch {
            throw ExchangeFault(error)
        }
    }

    /// Sends a request, and again only while no octet of it was sent and there is time left.
    private func tokens(
        _ request: TokenRequest, for flow: AuthorizedFlow, since start: ContinuousClock.Instant
    ) async throws(ProviderFailure) -> TokenResponse {
        let deadline = start + settings.providerTimeout
        for wait in [Duration.milliseconds(250), .seconds(1)]
        where ContinuousClock.now.duration(to: deadline) > wait {
            do throws(ProviderFailure) {
                return try await attempt(request, for: flow, since: start, deadline: deadline)
            } catch {
                guard ExchangeFault(error).failure == .providerUnreachable else { throw error }
            }
            await pause(wait)
        }
        return try await attempt(request, for: flow, since: start, deadline: deadline)
    }

    private func attempt(
        _ request: TokenRequest, for flow: AuthorizedFlow, since start: ContinuousClock.Instant,
        deadline: ContinuousClock.Instant
    ) async throws(ProviderFailure) -> TokenResponse {
        try await provider.tokens(
            request, for: flow.integration, requestedScopes: flow.grant.scopes ?? flow.verified.state.scopes,
            deadline: deadline
        ) { status in
            note(.tokenResponse(status: status, start.duration(to: .now)), flow)
        }
    }

    /// The connection that the flow names, read before its code is spent.
    ///
    /// - Returns: `nil` if it names none, or one that it cannot renew.
    private func connectionNamed(by flow: AuthorizedFlow) async throws(StoreError) -> Connection? {
        guard let id = flow.verified.state.connectionID.flatMap({ ConnectionID($0) }) else { return nil }
        do throws(StoreError) {
            return try await store.connection(id, workspaceID: flow.verified.state.workspaceID)
        } catch .unavailable(let reason, let kind) {
            throw .unavailable(reason: reason, kind: kind)
        } catch {
            log(error, "read", flow)
            return nil
        }
    }

    /// - Parameter found: the connection that the flow names.
    /// - Returns: the connection that the flow renews; `nil` if it makes a new one.
    private func connectionToRenew(
        _ found: Connection?, _ flow: AuthorizedFlow
    ) throws(ExchangeFault) -> Connection? {
        guard flow.verified.state.connectionID != nil else { return nil }
        guard let found, found.integrationID == flow.integration.id else {
            throw ExchangeFault(.connectionNotFound)
        }
        // Where the credential names a user, it is that user's own connections that it renews.
        if let userID = flow.verified.state.userID, let owner = found.userID,
            !userID.utf8.elementsEqual(owner.utf8)
        {
            throw ExchangeFault(.connectionNotFound)
        }
        // At another server or tenant the same id is another account's (OpenID Connect Core §2).
        let scope = flow.integration.accountScope
        let given = flow.verified.state.parameters.merging(flow.grant.fields) { first, _ in first }
        guard !scope.tenant(of: given).isOther(than: scope.tenant(of: found.config)) else {
            throw ExchangeFault(.accountMismatch)
        }
        return found
    }

    private func checkNonce(of response: TokenResponse, _ flow: AuthorizedFlow) throws(ExchangeFault) {
        let isNonceDue = flow.integration.sendsNonce(scopes: flow.verified.state.scopes)
        guard IDTokenNonce.matches(response, flow.verified.flowID, isDue: isNonceDue) else {
            throw ExchangeFault("id_token_nonce", failure: .idTokenRejected)
        }
    }

    private func ending(
        of flow: AuthorizedFlow, _ grant: ConnectionGrant, renewing old: Connection?,
        ifMatching match: ConnectionMatch? = nil, binding: FlowBinding
    ) throws(ExchangeFault) -> FlowEnding {
        let isCompared = try old.map { old throws(ExchangeFault) in try compare(old, grant.account) }
        do {
            let id = try old?.id ?? ConnectionID.random()
            let sealed = try credentialSealer.seal(
                grant.credentials,
                at: CredentialLocation(workspaceID: flow.verified.state.workspaceID, connectionID: id),
                now: now())
            guard let old else {
                return .created(grant.connection(id: id, flow, binding: binding), sealed)
            }
            return .renewed(
                grant.renewal(
                    of: old, flow, binding: binding, isCompared: isCompared ?? false, ifMatching: match),
                sealed)
        } catch {
            logger.error("credentials could not be sealed", metadata: metadata(of: flow))
            throw ExchangeFault("unsealed", failure: .notStored)
        }
    }

    /// The ending of a flow that named no connection, where the same user has one of the same account already.
    private func renewal(
        of existing: Connection, ifMatching match: ConnectionMatch?, _ flow: AuthorizedFlow,
        _ grant: ConnectionGrant, binding: FlowBinding
    ) -> FlowEnding {
        do throws(ExchangeFault) {
            return try ending(of: flow, grant, renewing: existing, ifMatching: match, binding: binding)
        } catch {
            return .failed(error.failure)
        }
    }

    /// Whether a renewal is of the same account. An account that the provider does not name is rejected.
    ///
    /// - Returns: `false` if there is nothing to compare, since the account before is not known.
    private func compare(
        _ old: Connection, _ account: ProviderAccount?
    ) throws(ExchangeFault) -> Bool {
        guard let before = old.account else { return false }
        guard let account else { throw ExchangeFault(.accountUnknown) }
        guard account.isSame(as: before) else { throw ExchangeFault(.accountMismatch) }
        return true
    }

    // MARK: Ending a claim

    /// Gives up the claim on a code that was certainly not sent, so that it can be claimed again.
    ///
    /// - Returns: `false` if the store cannot be reached; then the lease runs out and ends the flow.
    private func unclaim(_ flow: AuthorizedFlow, owner: LeaseOwner) async -> Bool {
        do throws(StoreError) {
            _ = try await store.unclaim(flow: flow.verified.flowID, owner: owner)
        } catch {
            log(error, "unclaim", flow)
            return false
        }
        return true
    }

    /// The provider rejected the code for good: another code may still be the user's own.
    private func release(_ flow: AuthorizedFlow, owner: LeaseOwner) async -> FlowConclusion {
        do throws(StoreError) {
            _ = try await store.release(flow: flow.verified.flowID, owner: owner)
        } catch {
            // The lease runs out and ends the flow, which is as good for this code.
            log(error, "release", flow)
        }
        note(.failed(.codeRejected), flow)
        return .outcome(.failure(.codeRejected))
    }

    /// Ends a flow that has failed.
    private func finish(
        _ flow: AuthorizedFlow, owner: LeaseOwner, as failed: FlowEnding
    ) async -> FlowConclusion {
        await commit(failed, of: flow, owner: owner) { _, _ in .failed(.restart) } ?? .storeUnavailable
    }

    /// Commits an ending. While the store is unavailable it tries again: a second commit writes nothing twice.
    ///
    /// - Parameters:
    ///   - detail: for the connection's event.
    ///   - renewal: makes the ending where there is a connection of the account already.
    /// - Returns: `nil` if the store does not say whether the last attempt was committed.
    private func commit(
        _ first: FlowEnding, of flow: AuthorizedFlow, owner: LeaseOwner, detail: String? = nil,
        orAs renewal: (Connection, ConnectionMatch?) -> FlowEnding
    ) async -> FlowConclusion? {
        var ending = first
        for attempt in 0..<Self.commitAttempts {
            do throws(StoreError) {
                let note = EventNote(
                    detail: detail, actor: EventNote.user, flow: subject(of: flow))
                let isOwner = try await spans.span(.finishFlow) { [ending] () async throws(StoreError) in
                    try await store.finish(
                        flow: flow.verified.flowID, owner: owner, as: ending, note: note)
                }
                if isOwner { self.note(FlowStep(ending.outcome), flow) }
                return .outcome(isOwner ? ending.outcome : .restart)
            } catch .unavailable(let reason, let kind) {
                log(.unavailable(reason: reason, kind: kind), "finish", flow)
                if attempt + 1 < Self.commitAttempts { await pause(.milliseconds(200 << attempt)) }
            } catch .alreadyConnected(let existing) {
                guard case .created(let connection, _) = first else { return .outcome(.restart) }
                ending = renewal(existing, ConnectionMatch(connection))
            } catch .unreadable where first.isMatched {
                // Its row cannot be renewed, so this is a connection of its own.
                guard case .created(var connection, let sealed) = first else { return .outcome(.restart) }
                connection.renewsWithin = nil
                ending = .created(connection, sealed)
            } catch .revisionConflict, .notFound {
                // What was found is another user's or account's by now, or gone: look again.
                if case .created = first {
                    ending = first
                    continue
                }
                // The label changed, or a refresh came between. To give up would revoke the connection's own grant.
                guard let next = await renewed(ending) else {
                    return await finish(flow, owner: owner, as: .failed(.restart))
                }
                ending = next
            } catch {
                log(error, "finish", flow)
                return .outcome(.restart)
            }
        }
        return await committed(flow)
    }

    /// What the store says of a flow whose last commit failed, since its response may have been lost on the way.
    private func committed(_ flow: AuthorizedFlow) async -> FlowConclusion? {
        do {
            let progress = try await store.progress(
                of: flow.verified.flowID, codeHash: try codeHash(of: flow))
            guard case .finished(let outcome) = progress else { return .storeUnavailable }
            return .outcome(outcome)
        } catch {
            logger.error(
                "store failed",
                metadata: metadata(of: flow).merging(["step": "progress", "error": "\(error)"]) { first, _ in
                    first
                })
            return nil
        }
    }

    private static var commitAttempts: Int { 5 }

    private func subject(of flow: AuthorizedFlow) -> FlowSubject {
        FlowSubject(
            workspaceID: flow.verified.state.workspaceID, integrationID: flow.integration.id,
            userID: flow.verified.state.userID, label: flow.verified.state.label,
            tags: flow.verified.state.tags)
    }

    /// The same renewal of the connection as it is now, if that is still the account's that was compared.
    private func renewed(_ ending: FlowEnding) async -> FlowEnding? {
        guard case .renewed(var renewal, let sealed) = ending else { return nil }
        do throws(StoreError) {
            let found = try await store.connection(renewal.id, workspaceID: renewal.workspaceID)
            guard let found, found.account.map({ renewal.terms.account?.isSame(as: $0) ?? false }) ?? true
            else { return nil }
            renewal.ifRevision = found.revision
            return .renewed(renewal, sealed)
        } catch {
            logger.error(
                "a connection to renew could not be read again",
                metadata: ["connection_id": "\(renewal.id)", "error": "\(error)"])
            return nil
        }
    }

    /// Revokes a grant that will not be kept (RFC 7009), unless another connection uses the same grant.
    private func revoke(_ response: TokenResponse, lookup: JSONValue?, _ flow: AuthorizedFlow) async {
        let grant = ConnectionGrant(flow, response, lookup: lookup, receivedAt: now())
        let result = await revoker.revokeUnkept(
            GrantTokens(grant.credentials), of: flow.integration, flow.endpoints,
            accountID: grant.account?.id, userID: flow.verified.state.userID, config: grant.config)
        guard result != .revoked else { return }
        logger.warning(
            "an unused grant was not revoked",
            metadata: metadata(of: flow).merging(["revocation": "\(result.rawValue)"]) { first, _ in first })
    }

    private func metadata(of flow: AuthorizedFlow) -> Logger.Metadata {
        [
            "flow_id": "\(flow.verified.flowID)", "integration_id": "\(flow.integration.id)",
            "workspace_id": "\(flow.verified.state.workspaceID)",
        ]
    }

    private func note(_ step: FlowStep, _ flow: AuthorizedFlow) {
        journal?.note(step, of: flow.verified.flowID)
    }

    private func log(_ error: StoreError, _ step: String, _ flow: AuthorizedFlow) {
        logger.error(
            "store failed",
            metadata: metadata(of: flow).merging(["step": "\(step)", "error": "\(error)"]) { first, _ in first
            })
    }
}

extension FlowEnding {
    /// Whether it makes a connection only where there is none of the account.
    fileprivate var isMatched: Bool {
        if case .created(let connection, _) = self { connection.renewsWithin != nil } else { false }
    }
}
