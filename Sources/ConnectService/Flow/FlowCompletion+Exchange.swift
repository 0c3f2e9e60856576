internal import Connections
internal import Integrations
internal import Logging
internal import OAuth
internal import OAuthHTTP
internal import StateTokens

/// The token request of a flow, and the connection that it is to make or renew.
extension FlowCompletion {
    func request(for flow: AuthorizedFlow) throws(ExchangeError) -> ProviderRequest {
        do throws(ClientAuthenticationError) {
            return try ProviderRequest.exchange(
                flow.integration, endpoints: flow.endpoints, code: flow.grant.code,
                redirectURI: settings.callbackURL(
                    integrationID: flow.integration.id, context: flow.endpoints.context),
                codeVerifier: flow.verified.state.codeVerifier?.text, state: flow.stateText, at: now())
        } catch {
            logger.error("the client's secret could not be signed", metadata: metadata(of: flow))
            throw .clientUnusable
        }
    }

    func send(
        _ request: ProviderRequest, for flow: AuthorizedFlow
    ) async throws(ExchangeError) -> TokenResponse {
        note(
            .tokenRequest(
                endpoint: flow.endpoints.token, authentication: flow.integration.tokenAuthentication.rawValue,
                sendsVerifier: flow.verified.state.codeVerifier != nil), flow)
        let start = ContinuousClock.now
        do throws(ProviderError) {
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
            throw .provider(error)
        }
    }

    /// Sends a request, and again only while no octet of it was sent and there is time left.
    private func tokens(
        _ request: ProviderRequest, for flow: AuthorizedFlow, since start: ContinuousClock.Instant
    ) async throws(ProviderError) -> TokenResponse {
        let deadline = start + settings.providerTimeout
        for wait in [Duration.milliseconds(250), .seconds(1)]
        where ContinuousClock.now.duration(to: deadline) > wait {
            do throws(ProviderError) {
                return try await attempt(request, for: flow, since: start, deadline: deadline)
            } catch {
                guard FlowFailure(error) == .providerUnreachable else { throw error }
            }
            await pause(wait)
        }
        return try await attempt(request, for: flow, since: start, deadline: deadline)
    }

    private func attempt(
        _ request: ProviderRequest, for flow: AuthorizedFlow, since start: ContinuousClock.Instant,
        deadline: ContinuousClock.Instant
    ) async throws(ProviderError) -> TokenResponse {
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
    func connectionNamed(by flow: AuthorizedFlow) async throws(StoreError) -> Connection? {
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
    func connectionToRenew(
        _ found: Connection?, _ flow: AuthorizedFlow
    ) throws(ExchangeError) -> Connection? {
        guard flow.verified.state.connectionID != nil else { return nil }
        guard let found, found.integrationID == flow.integration.id else {
            throw .connectionNotFound
        }
        // Where the credential names a user, it is that user's own connections that it renews.
        if let userID = flow.verified.state.userID, let owner = found.userID,
            !userID.utf8.elementsEqual(owner.utf8)
        {
            throw .connectionNotFound
        }
        // At another server or tenant the same id is another account's (OpenID Connect Core §2).
        let scope = flow.integration.accountScope
        let given = flow.verified.state.parameters.merging(flow.grant.fields) { first, _ in first }
        guard !scope.tenant(of: given).isOther(than: scope.tenant(of: found.config)) else {
            throw .accountMismatch
        }
        return found
    }

    func checkNonce(of response: TokenResponse, _ flow: AuthorizedFlow) throws(ExchangeError) {
        let isNonceDue = flow.integration.sendsNonce(scopes: flow.verified.state.scopes)
        guard IDTokenNonce.matches(response, flow.verified.flowID, isDue: isNonceDue) else {
            throw .idTokenNonce
        }
    }

    func ending(
        of flow: AuthorizedFlow, _ grant: ConnectionGrant, renewing old: Connection?,
        ifMatching match: ConnectionMatch? = nil, binding: FlowBinding
    ) throws(ExchangeError) -> FlowEnding {
        let isCompared = try old.map { old throws(ExchangeError) in try compare(old, grant.account) }
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
            throw .unsealed
        }
    }

    /// The ending of a flow that named no connection, where the same user has one of the same account already.
    func renewal(
        of existing: Connection, ifMatching match: ConnectionMatch?, _ flow: AuthorizedFlow,
        _ grant: ConnectionGrant, binding: FlowBinding
    ) -> FlowEnding {
        do throws(ExchangeError) {
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
    ) throws(ExchangeError) -> Bool {
        guard let before = old.account else { return false }
        guard let account else { throw .accountUnknown }
        guard account.isSame(as: before) else { throw .accountMismatch }
        return true
    }
}
