package import Integrations
package import OAuth
package import StateTokens

/// An OAuth client's requests to a provider: the exchange of a code, a refresh, a revocation.
///
/// Each request is sent once or not at all. This is the one place that classifies what came of it.
package struct ProviderClient: Sendable {
    let client: ProviderHTTPClient
    private let now: @Sendable () -> Timestamp

    package init(_ client: ProviderHTTPClient, now: @escaping @Sendable () -> Timestamp = { .now() }) {
        self.client = client
        self.now = now
    }

    /// A request for tokens: the exchange of a code (RFC 6749 §4.1.3) or a refresh (§6).
    ///
    /// - Parameters:
    ///   - requestedScopes: what a response that names no scope grants.
    ///   - isRefresh: whether tokens are kept though other parts of the response cannot be.
    ///   - part: which grant is refreshed.
    ///   - kept: the access token that stays where the response has none.
    ///   - deadline: when the caller gives up; the client's own time-out applies where it is sooner.
    ///   - onResponse: is told the status of a response, whatever it means.
    package func tokens(
        _ request: ProviderRequest, for integration: ConfiguredIntegration, requestedScopes: [String],
        isRefresh: Bool = false, part: GrantPart = .first, keeping kept: String? = nil,
        deadline: ContinuousClock.Instant? = nil,
        onResponse: (_ status: Int) -> Void = { _ in }
    ) async throws(ProviderError) -> TokenResponse {
        let response: ProviderResponse
        do throws(ProviderRequestError) {
            response = try await client.send(
                request, as: isRefresh ? .refresh : .exchange, deadline: deadline)
        } catch {
            throw ProviderError(error)
        }
        onResponse(response.status)
        do throws(TokenError) {
            return try TokenResponse.parse(
                status: response.status, contentType: response.contentType, body: response.body,
                integration: integration, requestedScopes: requestedScopes, isRefresh: isRefresh,
                part: part, keeping: kept)
        } catch {
            throw ProviderError(error, retryAfter: RetryAfter.read(response.retryAfter, at: now()))
        }
    }

    /// Ends a grant (RFC 7009). The refresh token stands for it, unless the entry says that the access token does;
    /// without one the access token does.
    package func revoke(
        accessToken: String, refreshToken: String?, of integration: ConfiguredIntegration,
        endpoints: Endpoints,
        deadline: ContinuousClock.Instant? = nil
    ) async -> TokenRevocation {
        let isRefreshToken = refreshToken != nil && integration.integration.revocation.token != .accessToken
        let request: ProviderRequest?
        do throws(ClientAuthenticationError) {
            request = try ProviderRequest.revocation(
                integration, endpoints: endpoints,
                token: isRefreshToken ? refreshToken ?? accessToken : accessToken,
                tokenTypeHint: isRefreshToken ? "refresh_token" : "access_token", at: now())
        } catch {
            return .notPossible
        }
        guard let request else { return .notPossible }
        do throws(ProviderRequestError) {
            let status = try await client.send(request, as: .revocation, deadline: deadline).status
            return switch status {
            case 200..<300: .revoked
            case 408, 429, 500...: .unknown
            default: .rejected(status: status)
            }
        } catch {
            return error.isCertainlyNotSent ? .notSent(error) : .unknown
        }
    }
}
