/// A tenant, and what it may do.
package struct Workspace: Sendable, Equatable {
    package let id: String
    package let redirectURIs: RedirectURIAllowlist
    /// Every flow is to be confirmed by the app's server.
    package let requiresConfirmation: Bool

    package init(id: String, redirectURIs: RedirectURIAllowlist, requiresConfirmation: Bool = false) {
        self.id = id
        self.redirectURIs = redirectURIs
        self.requiresConfirmation = requiresConfirmation
    }
}

/// All workspaces, by their ids.
package struct WorkspaceDirectory: Sendable, Equatable {
    private let byID: [String: Workspace]

    package init(_ workspaces: [Workspace]) {
        byID = Dictionary(workspaces.map { ($0.id, $0) }) { first, _ in first }
    }

    package subscript(id: String) -> Workspace? { byID[id] }

    /// In the order of their ids.
    package var workspaces: [Workspace] { byID.values.sorted { $0.id < $1.id } }
}
