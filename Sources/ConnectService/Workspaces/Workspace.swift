package import StateTokens

/// A tenant, and what it may do.
package struct Workspace: Sendable, Equatable {
    package let id: String
    package let redirectURIs: RedirectURIAllowlist
    /// Every flow is to be confirmed by the app's server.
    package let requiresConfirmation: Bool
    /// Where its pages may use connect sessions from.
    package let origins: OriginAllowlist
    /// Connect sessions that were made earlier are over.
    package let sessionsNotBefore: Timestamp?
    package let branding: Branding

    package init(
        id: String, redirectURIs: RedirectURIAllowlist, requiresConfirmation: Bool = false,
        origins: OriginAllowlist = OriginAllowlist(), sessionsNotBefore: Timestamp? = nil,
        branding: Branding = Branding()
    ) {
        self.id = id
        self.redirectURIs = redirectURIs
        self.requiresConfirmation = requiresConfirmation
        self.origins = origins
        self.sessionsNotBefore = sessionsNotBefore
        self.branding = branding
    }
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
