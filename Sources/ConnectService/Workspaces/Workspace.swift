package import StateTokens

/// A tenant, and what it may do.
package struct Workspace: Sendable, Equatable {
    package let id: String
    package let redirectURIs: RedirectURIAllowlist
    /// How flows are to be confirmed, whatever the integration.
    package let confirmation: Optional<ConfirmationMode>
    /// What the workspace says of integrations, by their ids.
    package let integrations: [String: WorkspaceIntegration]
    /// The ids of the integrations that it may use; `nil`: all.
    package let only: Set<String>?
    /// Where its pages may use connect sessions from.
    package let origins: OriginAllowlist
    /// Connect sessions that were made earlier are over.
    package let sessionsNotBefore: Timestamp?
    package let branding: Branding
    /// Where messages about its connections go.
    package let webhooks: [WebhookEndpoint]

    package init(
        id: String, redirectURIs: RedirectURIAllowlist, confirmation: ConfirmationMode? = nil,
        integrations: [String: WorkspaceIntegration] = [:], only: Set<String>? = nil,
        origins: OriginAllowlist = OriginAllowlist(), sessionsNotBefore: Timestamp? = nil,
        branding: Branding = Branding(), webhooks: [WebhookEndpoint] = []
    ) {
        self.id = id
        self.redirectURIs = redirectURIs
        self.confirmation = confirmation
        self.integrations = integrations
        self.only = only
        self.origins = origins
        self.sessionsNotBefore = sessionsNotBefore
        self.branding = branding
        self.webhooks = webhooks
    }
}

/// What a workspace says of one integration.
package struct WorkspaceIntegration: Sendable, Equatable {
    package var confirmation: ConfirmationMode?
    /// In place of the operator's client.
    package var client: OwnClient?

    package init(confirmation: ConfirmationMode? = nil, client: OwnClient? = nil) {
        self.confirmation = confirmation
        self.client = client
    }
}
