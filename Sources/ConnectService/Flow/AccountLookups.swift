internal import Connections
internal import Encodings
internal import Integrations
internal import Logging
internal import OAuth
internal import OAuthHTTP
internal import StateTokens

/// Asks providers whose account a new grant is for, where their entries say how.
struct AccountLookups: Sendable {
    let timeout: Duration
    let provider: ProviderClient
    let logger: Logger

    /// A look-up that fails never costs the grant: the account is unknown then.
    ///
    /// - Returns: the provider's response, or why there is none; neither if the entry has no look-up.
    func response(
        for flow: AuthorizedFlow, _ tokens: TokenResponse
    ) async -> (answer: JSONValue?, problem: String?) {
        let request: ProviderRequest?
        do throws(AccountLookupURLError) {
            request = try ProviderRequest.accountLookup(
                flow.integration, endpoints: flow.endpoints, response: tokens,
                callbackFields: flow.grant.fields)
        } catch {
            log("\(error)", flow)
            return (nil, "\(error)")
        }
        guard let request else { return (nil, nil) }
        let deadline = ContinuousClock.now + min(timeout, ServiceSettings.followUpTimeout)
        do throws(AccountLookupError) {
            let answer = try await tryingAgain(where: \.isCertainlyNotSent) {
                () throws(AccountLookupError) in
                try await provider.account(request, deadline: deadline)
            }
            return (answer, nil)
        } catch {
            log(error.reason, flow)
            return (nil, error.reason)
        }
    }

    private func log(_ reason: String, _ flow: AuthorizedFlow) {
        logger.warning(
            "the account could not be looked up",
            metadata: [
                "flow_id": "\(flow.verified.flowID)", "integration_id": "\(flow.integration.id)",
                "reason": "\(reason)",
            ])
    }
}
