internal import Connections
internal import Integrations
internal import OAuth
internal import OAuthHTTP
internal import StateTokens

/// Exchanges fresh access tokens for others, where their entries say so.
struct SecondExchanges: Sendable {
    let timeout: Duration
    let provider: ProviderClient
    let now: @Sendable () -> Timestamp

    /// - Returns: the grant after the exchange; as it was where the entry has none.
    func grant(for flow: AuthorizedFlow, after first: TokenResponse) async throws(ExchangeFault)
        -> TokenResponse
    {
        try await grant(of: flow.integration, flow.endpoints, after: first)
    }

    /// The same for a grant whose flow is over.
    func grant(
        of integration: ConfiguredIntegration, _ endpoints: Endpoints, after first: TokenResponse
    ) async throws(ExchangeFault) -> TokenResponse {
        let request: ProviderRequest?
        do throws(ClientAuthenticationError) {
            request = try ProviderRequest.secondExchange(
                integration, endpoints: endpoints, accessToken: first.accessToken, at: now())
        } catch {
            throw ExchangeFault(.clientUnusable)
        }
        guard let request else { return first }
        let second: TokenResponse
        do throws(ProviderFailure) {
            second = try await send(request, for: integration, scopes: first.scopes)
        } catch {
            throw ExchangeFault(second: ExchangeFault(error))
        }
        if let excess = second.excess { throw ExchangeFault(second: ExchangeFault(unusable: excess)) }
        return first.replaced(by: second, of: integration)
    }

    /// Sends the request once more if the provider has certainly seen nothing of it.
    private func send(
        _ request: ProviderRequest, for integration: ConfiguredIntegration, scopes: [String]
    ) async throws(ProviderFailure) -> TokenResponse {
        let deadline = ContinuousClock.now + min(timeout, ServiceSettings.followUpTimeout)
        return try await tryingAgain(where: \.isCertainlyNotSent) { () throws(ProviderFailure) in
            try await provider.tokens(
                request, for: integration, requestedScopes: scopes, deadline: deadline)
        }
    }
}

extension ExchangeFault {
    /// The code is spent by then, so that neither it nor the flow can be given back.
    fileprivate init(second fault: ExchangeFault) {
        let failure: FlowFailure =
            switch fault.failure {
            case .codeRejected: .requestRejected
            case .providerUnreachable: .providerUnavailable
            default: fault.failure
            }
        self.init(
            fault.reason,
            detail: ["second exchange", fault.detail].compactMap(\.self).joined(separator: ": "),
            failure: failure)
    }
}
