package import StateTokens

/// A tenant, and what it may do.
package struct Workspace: Sendable, Equatable {
    package let id: String
    package let redirectURIs: RedirectURIAllowlist
    /// How flows are to be confirmed, whatever the integration.
    package let confirmation: Optional<ConfirmationMode>
    /// What the workspace says of integrations, by their ids.
    package let integrations: [String: WorkspaceIntegration]
    /// Where its pages may use connect sessions from.
    package let origins: OriginAllowlist
    /// Connect sessions that were made earlier are over.
    package let sessionsNotBefore: Timestamp?
    package let branding: Branding

    package init(
        id: String, redirectURIs: RedirectURIAllowlist, confirmation: ConfirmationMode? = nil,
        integrations: [String: WorkspaceIntegration] = [:],
        origins: OriginAllowlist = OriginAllowlist(), sessionsNotBefore: Timestamp? = nil,
        branding: Branding = Branding()
    ) {
        self.id = id
        self.redirectURIs = redirectURIs
        self.confirmation = confirmation
        self.integrations = integrations
        self.origins = origins
        self.sessionsNotBefore = sessionsNotBefore
        self.branding = branding
    }
}

/// What a workspace says of one integration.
package struct WorkspaceIntegration: Sendable, Equatable {
    package var confirmation: ConfirmationMode?

    package init(confirmation: ConfirmationMode? = nil) { self.confirmation = confirmation }
}

/// All workspaces, by their ids.
package struct WorkspaceDirectory: Sendable, Equatable {
    private let byID: [String: Workspace]

    package init(_ workspaces: [Workspace]) {
        byID = Dictionary(workspaces.map { ($0.id, $0) }) { first, _ in first }
    }

    package subscript(id: String) -> Workspace? { byID[id] }

    /// Whether any workspace lists an origin.
    package func allowsOrigin(_ text: String) -> Bool { byID.values.contains { $0.origins.allows(text) } }

    /// In the order of their ids.
    package var workspaces: [Workspace] { byID.values.sorted { $0.id < $1.id } }
}
