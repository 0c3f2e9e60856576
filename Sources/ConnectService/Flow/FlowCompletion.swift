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
    let settings: ServiceSettings
    let stateSealer: Sealer
    let credentialSealer: CredentialSealer
    let store: Store
    let provider: ProviderClient
    let revoker: GrantRevoker<Store>
    private let waiting: FlowWaitingRoom<Store>
    private let counts: ConnectionCounts
    private let attempts = CodeAttempts()
    private let idTokens: IDTokenVerifier?
    private let accounts: AccountLookups
    private let seconds: SecondExchanges
    private let audit: AuditLog
    let logger: Logger
    private let journal: FlowJournal?
    let spans: StoreSpans
    let now: @Sendable () -> Timestamp

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

    /// Completes a flow once. Every delivery of the same code gets the first one's result.
    ///
    /// It runs to its end even if the caller goes away, because the code is spent either way.
    /// - Parameter address: the client's, by which codes that are rejected are limited; `nil` where the caller has a
    ///   credential.
    package func complete(
        _ flow: AuthorizedFlow, binding: FlowBinding, from address: IPAddress? = nil
    ) async -> CompletionResult {
        await Task { await claimAndExchange(flow, binding: binding, from: address) }.value
    }

    private func claimAndExchange(
        _ flow: AuthorizedFlow, binding: FlowBinding, from address: IPAddress?
    ) async -> CompletionResult {
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
            return .finished(.failure(.restart))
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
                    let result = await exchange(flow, binding: binding, owner: owner)
                    if result == .finished(.failure(.codeRejected)) {
                        attempts.count(flow.verified.flowID, from: address)
                    }
                    return result
                case .finished(let result): return .finished(result)
                case .over: return .over
                case .pending: break
                }
            } catch {
                log(error, "claim", flow)
                return .storeUnavailable
            }
            switch await waiting.progress(of: flow.verified.flowID, codeHash: codeHash) {
            case .free: continue
            case .finished(let result): return .finished(result)
            case .over: return .over
            case .pending: return .working
            case nil: return .storeUnavailable
            }
        }
        return .working
    }

    func codeHash(of flow: AuthorizedFlow) throws(OpenError) -> CodeHash {
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
    ) async -> CompletionResult {
        let start = ContinuousClock.now
        let (result, error) = await result(of: flow, binding: binding, owner: owner)
        var event = AuditEvent(exchange: flow, result, error)
        event.binding = binding
        event.duration = start.duration(to: .now)
        audit.record(event)
        return result
    }

    /// - Returns: how the flow ends, and the cause of a failure where it is known.
    private func result(
        of flow: AuthorizedFlow, binding: FlowBinding, owner: LeaseOwner
    ) async -> (CompletionResult, ExchangeError?) {
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
        do throws(ExchangeError) {
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
        do throws(ExchangeError) {
            if let excess = response.excess { throw ExchangeError.provider(.unusable(reason: excess)) }
            if let error = await idTokens?.error(in: response, for: flow.integration, at: now()) {
                throw error
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
        let result = await commit(ending, of: flow, owner: owner, detail: detail) { existing, match in
            renewal(of: existing, ifMatching: match, flow, grant, binding: binding)
        }
        switch result {
        case .finished(.success)?: counts.made(binding)
        case nil:
            // To revoke it could end a connection that was stored.
            logger.error(
                "the store does not say whether a connection was stored: its grant was not revoked",
                metadata: metadata(of: flow))
        default: await revoke(response, lookup: lookup, flow)
        }
        return (result ?? .storeUnavailable, nil)
    }

    func metadata(of flow: AuthorizedFlow) -> Logger.Metadata {
        [
            "flow_id": "\(flow.verified.flowID)", "integration_id": "\(flow.integration.id)",
            "workspace_id": "\(flow.verified.state.workspaceID)",
        ]
    }

    func note(_ step: FlowStep, _ flow: AuthorizedFlow) {
        journal?.note(step, of: flow.verified.flowID)
    }

    func log(_ error: StoreError, _ step: String, _ flow: AuthorizedFlow) {
        logger.error(
            "store failed",
            metadata: metadata(of: flow).merging(["step": "\(step)", "error": "\(error)"]) { first, _ in first
            })
    }
}
