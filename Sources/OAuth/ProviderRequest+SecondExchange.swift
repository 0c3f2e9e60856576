package import Integrations
package import StateTokens

extension ProviderRequest {
    /// The exchange of a fresh access token for another; nil where the entry has none.
    package static func secondExchange(
        _ integration: ConfiguredIntegration, endpoints: Endpoints, accessToken: String,
        at now: Timestamp = .now()
    ) throws(ClientAuthenticationError) -> ProviderRequest? {
        guard let rules = integration.integration.secondExchange,
            let url = integration.secondExchangeURL(parameters: endpoints.values)
        else { return nil }
        var values = ["access_token": accessToken]
        // The secret of a client that signs is its private key, which goes nowhere.
        if integration.integration.token.clientAssertion == nil {
            values["client_secret"] = try integration.secret(at: now)
        }
        var draft = ProviderRequestDraft(
            integration, endpoints: endpoints, shape: rules.shape, values: values)
        draft.add(rules.parameters)
        return try draft.request(to: url, authentication: rules.authentication.map { .client($0) }, at: now)
    }
}
