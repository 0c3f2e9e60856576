package import OAuth

/// Sends token requests (RFC 6749 §3.2): each one once or not at all.
package struct TokenEndpointClient: Sendable {
    private let client: ProviderHTTPClient

    package init(_ client: ProviderHTTPClient) { self.client = client }

    /// What the answer means is for `TokenResponse.parse` to say; any status is an answer.
    package func send(
        _ request: TokenRequest, deadline: ContinuousClock.Instant? = nil
    ) async throws(TokenEndpointError) -> ProviderAnswer {
        try await client.send(request, deadline: deadline)
    }
}
