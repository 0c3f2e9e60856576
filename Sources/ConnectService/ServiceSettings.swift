package import StateTokens

/// What a deployment's operator decides about flows.
package struct ServiceSettings: Sendable {
    /// The service's own address, from configuration and never from a request.
    package let publicURL: Audience
    /// How long a state is good for.
    package let stateLifetime: Duration
    /// The greatest difference between two replicas' clocks.
    package let skew: Duration
    /// For one request to a provider, all of it.
    package let providerTimeout: Duration
    /// How long before its end an access token that is in use is refreshed ahead.
    package let refreshMargin: Duration
    package let confirmation: ConfirmationRequirement
    /// Without a store the app's server gets the credentials, and keeps them.
    package let hasStore: Bool
    /// Under which the documentation is published, for errors to link to; `nil`: they do not.
    package let documentationURL: Audience?
    private let callbackPrefix: String

    package init(
        publicURL: Audience, stateLifetime: Duration = FlowState.defaultLifetime,
        skew: Duration = .seconds(60),
        providerTimeout: Duration = .seconds(10), refreshMargin: Duration = SweepPlan.defaultMargin,
        confirmation: ConfirmationRequirement = ConfirmationRequirement(), hasStore: Bool = true,
        documentationURL: Audience? = nil
    ) {
        self.publicURL = publicURL
        self.stateLifetime = stateLifetime
        self.skew = skew
        self.providerTimeout = providerTimeout
        self.refreshMargin = refreshMargin
        self.confirmation = confirmation
        self.hasStore = hasStore
        self.documentationURL = documentationURL
        callbackPrefix = "\(publicURL)/api/v1/oauth/callback/"
    }

    /// The redirect URI that providers send users back to: it names the integration, so that no provider's response is
    /// taken for another's (RFC 9700 §4.4).
    ///
    /// - Parameter context: of ``Endpoints``, for a client or a host that has a redirect URI of its own.
    package func callbackURL(integrationID: String, context: String? = nil) -> String {
        guard let context else { return callbackPrefix + integrationID }
        return "\(callbackPrefix)\(integrationID)/\(context)"
    }

    /// The URL of the operator's logo for an integration.
    package func logoURL(integrationID: String) -> String {
        "\(publicURL)/connect/integrations/\(integrationID)/logo"
    }

    /// The longest that a request after the exchange may take, while the code is spent and the claim's lease runs.
    static let followUpTimeout = Duration.seconds(5)

    /// How long a claim holds its flow: longer than all that is done under it. That is the token request, the issuer's key
    /// set, a second exchange and the account's look-up, and then storing it with its attempts.
    package var claimLease: Duration { refreshLease + Self.followUpTimeout * 2 }

    /// How long a refresh holds its connection: longer than the token request, the issuer's key set and storing it take.
    var refreshLease: Duration { providerTimeout * 2 + .seconds(20) }

    /// How long a claim is kept: longer than any state or ticket of the flow is good for, on every replica's clock.
    var claimRetention: Duration { stateLifetime + Ticket.lifetime + skew + skew }
}
