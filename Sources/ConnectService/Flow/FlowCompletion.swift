package import Connections
internal import Cryptography
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
    private let idTokens: IDTokenVerifier?
    private let audit: AuditLog
    private let logger: Logger
    private let journal: FlowJournal?
    private let now: @Sendable () -> Timestamp

    package init(
        settings: ServiceSettings, stateSealer: Sealer, credentialSealer: CredentialSealer, store: Store,
        integrations: IntegrationRegistry? = nil, provider: ProviderClient,
        counts: ConnectionCounts = ConnectionCounts(),
        idTokens: IDTokenVerifier? = nil, audit: AuditLog = .silent, logger: Logger,
        journal: FlowJournal? = nil,
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
        self.audit = audit
        self.logger = logger
        self.journal = journal
        self.now = now
    }

    /// Completes a flow, once: whoever comes with the same code gets the first one's outcome.
    ///
    /// It goes on to its end even if the one who asked goes away, for the code is spent either way.
    package func callAsFunction(_ flow: AuthorizedFlow, binding: FlowBinding) async -> FlowConclusion {
        await Task { await complete(flow, binding: binding) }.value
    }

    private func complete(_ flow: AuthorizedFlow, binding: FlowBinding) async -> FlowConclusion {
        let codeHash: CodeHash
        let owner: LeaseOwner
        do {
            codeHash = try self.codeHash(of: flow)
            owner = try LeaseOwner.random()
        } catch {
            // The key was disabled between the verification and now, or libcrypto is out of order: nothing was claimed.
            return .outcome(.restart)
        }
        // Another code may be freed while this one waits, and then this one is tried: at most as often as there are codes.
        for _ in 0..<Claim.codeLimit {
            do throws(StoreError) {
                switch try await store.claim(
                    flow: flow.verified.flowID, codeHash: codeHash, owner: owner, lease: settings.claimLease,
                    keep: settings.claimRetention)
                {
                case .claimed:
                    note(.claimed, flow)
                    return await exchange(flow, binding: binding, owner: owner)
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
        var fault: ExchangeFault?
        let conclusion = await exchange(flow, binding: binding, owner: owner, fault: &fault)
        var event = AuditEvent(exchange: flow, conclusion, fault)
        event.binding = binding
        event.duration = start.duration(to: .now)
        audit.record(event)
        return conclusion
    }

    /// - Parameter fault: why it came to nothing, as closely as it is known.
    private func exchange(
        _ flow: AuthorizedFlow, binding: FlowBinding, owner: LeaseOwner, fault: inout ExchangeFault?
    ) async -> FlowConclusion {
        let renewed: Connection?
        do throws(FlowProblem) {
            renewed = try await connectionToRenew(flow)
        } catch {
            return await finish(flow, owner: owner, as: error.ending)
        }
        let request: TokenRequest
        do throws(TokenRequestError) {
            request = try TokenRequest.exchange(
                flow.integration, endpoints: flow.endpoints, code: flow.grant.code,
                redirectURI: settings.callbackURL(integrationID: flow.integration.id),
                codeVerifier: flow.verified.state.codeVerifier?.text, state: flow.stateText, at: now())
        } catch {
            logger.error("the client's secret could not be signed", metadata: metadata(of: flow))
            return await finish(flow, owner: owner, as: FlowProblem.restart.ending)
        }
        let response: TokenResponse
        do throws(FlowProblem) {
            response = try await send(request, for: flow, fault: &fault)
        } catch .rejectedGrant {
            return await release(flow, owner: owner)
        } catch {
            return await finish(flow, owner: owner, as: error.ending)
        }
        let ending: FlowEnding
        do throws(FlowProblem) {
            fault = await idTokens?.fault(in: response, for: flow.integration, at: now())
            guard fault == nil else { throw .exchangeFailed }
            ending = try self.ending(
                of: flow, response, renewing: renewed, binding: binding, fault: &fault)
        } catch {
            await revoke(response, flow)
            return await finish(flow, owner: owner, as: error.ending)
        }
        let conclusion = await finish(flow, owner: owner, as: ending)
        if conclusion == .outcome(ending.outcome) {
            counts.made(binding)
        } else {
            await revoke(response, flow)
        }
        return conclusion
    }

    private func send(
        _ request: TokenRequest, for flow: AuthorizedFlow, fault: inout ExchangeFault?
    ) async throws(FlowProblem) -> TokenResponse {
        note(
            .tokenRequest(
                endpoint: flow.endpoints.token, authentication: flow.integration.tokenAuthentication.rawValue,
                sendsVerifier: flow.verified.state.codeVerifier != nil), flow)
        let start = ContinuousClock.now
        do throws(ProviderFailure) {
            return try await provider.tokens(
                request, for: flow.integration,
                requestedScopes: flow.grant.scopes ?? flow.verified.state.scopes,
                deadline: start + settings.providerTimeout
            ) { status in
                note(.tokenAnswer(status: status, start.duration(to: .now)), flow)
            }
        } catch {
            fault = ExchangeFault(error)
            switch error {
            case .rejected: throw error.isInvalidGrant ? .rejectedGrant : .exchangeRejected
            case .noResponse(.timedOut): throw .exchangeTimedOut
            case .notSent, .noResponse, .unusable, .transient: throw .exchangeFailed
            }
        }
    }

    /// The connection that the flow renews, before its code is spent.
    private func connectionToRenew(_ flow: AuthorizedFlow) async throws(FlowProblem) -> Connection? {
        guard let text = flow.verified.state.connectionID else { return nil }
        guard let id = ConnectionID(text) else { throw .connectionNotFound }
        do throws(StoreError) {
            let found = try await store.connection(id, workspaceID: flow.verified.state.workspaceID)
            guard let found, found.integrationID == flow.integration.id else { throw StoreError.notFound }
            // Where the credential names a user, it is that user's own connections that it renews.
            if let userID = flow.verified.state.userID, let owner = found.userID, userID != owner {
                throw StoreError.notFound
            }
            return found
        } catch .notFound {
            throw .connectionNotFound
        } catch {
            log(error, "read", flow)
            throw .restart
        }
    }

    private func ending(
        of flow: AuthorizedFlow, _ response: TokenResponse, renewing old: Connection?, binding: FlowBinding,
        fault: inout ExchangeFault?
    ) throws(FlowProblem) -> FlowEnding {
        let isNonceDue = flow.integration.sendsNonce(scopes: flow.verified.state.scopes)
        guard IDTokenNonce.matches(response, flow.verified.flowID, isDue: isNonceDue) else {
            fault = ExchangeFault("id_token_nonce")
            throw .exchangeFailed
        }
        let grant = ConnectionGrant(flow, response, receivedAt: now())
        if let old { try compare(old, grant.account, flow) }
        do {
            let id = try old?.id ?? ConnectionID.random()
            let sealed = try credentialSealer.seal(
                grant.credentials,
                at: CredentialLocation(workspaceID: flow.verified.state.workspaceID, connectionID: id),
                now: now())
            guard let old else {
                return .created(grant.connection(id: id, flow, binding: binding), sealed)
            }
            return .renewed(grant.renewal(of: old, flow, binding: binding), sealed)
        } catch {
            fault = ExchangeFault("unsealed")
            logger.error("credentials could not be sealed", metadata: metadata(of: flow))
            throw .exchangeFailed
        }
    }

    /// A renewal is the same account's. One that is not named is not another one, and not the same either.
    private func compare(
        _ old: Connection, _ account: ProviderAccount?, _ flow: AuthorizedFlow
    ) throws(FlowProblem) {
        guard let before = old.account else { return }
        guard let account else { throw .accountUnknown }
        guard account.isSame(as: before) else { throw .accountMismatch }
    }

    // MARK: Ending a claim

    /// The provider refused the code for good: another code may still be the user's own.
    private func release(_ flow: AuthorizedFlow, owner: LeaseOwner) async -> FlowConclusion {
        do throws(StoreError) {
            _ = try await store.release(flow: flow.verified.flowID, owner: owner)
        } catch {
            // The lease runs out and ends the flow, which is as good for this code.
            log(error, "release", flow)
        }
        note(FlowStep(.rejected), flow)
        return .outcome(.rejected)
    }

    /// Commits the ending. A store that is away for a moment is asked again, which writes nothing twice.
    private func finish(
        _ flow: AuthorizedFlow, owner: LeaseOwner, as first: FlowEnding
    ) async -> FlowConclusion {
        var ending = first
        for attempt in 0..<5 {
            do throws(StoreError) {
                let isOwner = try await store.finish(flow: flow.verified.flowID, owner: owner, as: ending)
                if isOwner { note(FlowStep(ending.outcome), flow) }
                return .outcome(isOwner ? ending.outcome : .restart)
            } catch .unavailable {
                log(.unavailable(reason: "trying again"), "finish", flow)
                await pause(.milliseconds(200 << attempt))
            } catch .revisionConflict, .notFound {
                // A label, or a refresh. To give up would mean to revoke the grant that the connection lives by.
                guard let next = await renewed(ending) else {
                    return await finish(flow, owner: owner, as: FlowProblem.restart.ending)
                }
                ending = next
            } catch {
                log(error, "finish", flow)
                return .outcome(.restart)
            }
        }
        return .storeUnavailable
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
            return nil
        }
    }

    /// Gives back what no one will use (RFC 7009), unless another connection lives by the same grant.
    private func revoke(_ response: TokenResponse, _ flow: AuthorizedFlow) async {
        let grant = ConnectionGrant(flow, response, receivedAt: now())
        let result = await revoker.revokeUnkept(
            GrantTokens(grant.credentials), of: flow.integration, flow.endpoints,
            accountID: grant.account?.id,
            userID: flow.verified.state.userID)
        guard result != .revoked else { return }
        logger.warning(
            "an unused grant was not revoked",
            metadata: metadata(of: flow).merging(["revocation": "\(result.rawValue)"]) { first, _ in first })
    }

    private func pause(_ duration: Duration) async {
        do {
            try await Task.sleep(for: duration)
        } catch {
            // Cancelled: then the next attempt comes at once.
        }
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
