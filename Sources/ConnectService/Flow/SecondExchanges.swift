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
    func grant(for flow: AuthorizedFlow, after first: TokenResponse) async throws(ExchangeError)
        -> TokenResponse
    {
        try await grant(of: flow.integration, flow.endpoints, after: first)
    }

    /// The same for a grant whose flow is over.
    func grant(
        of integration: ConfiguredIntegration, _ endpoints: Endpoints, after first: TokenResponse
    ) async throws(ExchangeError) -> TokenResponse {
        let request: ProviderRequest?
        do throws(ClientAuthenticationError) {
            request = try ProviderRequest.secondExchange(
                integration, endpoints: endpoints, accessToken: first.accessToken, at: now())
        } catch {
            throw .clientUnusable
        }
        guard let request else { return first }
        let second: TokenResponse
        do throws(ProviderError) {
            second = try await send(request, for: integration, scopes: first.scopes)
        } catch {
            throw .second(.provider(error))
        }
        if let excess = second.excess { throw .second(.provider(.unusable(reason: excess))) }
        return first.replaced(by: second, of: integration)
    }

    /// Sends the request once more if the provider has certainly seen nothing of it.
    private func send(
        _ request: ProviderRequest, for integration: ConfiguredIntegration, scopes: [String]
    ) async throws(ProviderError) -> TokenResponse {
        let deadline = ContinuousClock.now + min(timeout, ServiceSettings.followUpTimeout)
        return try await tryingAgain(where: \.isCertainlyNotSent) { () throws(ProviderError) in
            try await provider.tokens(
                request, for: integration, requestedScopes: scopes, deadline: deadline)
        }
    }
}
