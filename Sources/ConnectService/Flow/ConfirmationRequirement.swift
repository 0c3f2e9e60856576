/// Where flows must be confirmed by the app's server, whatever an initiate request says.
package struct ConfirmationRequirement: Sendable, Equatable {
    /// In all workspaces and for all integrations, as without a store.
    package let isUniversal: Bool
    /// The integrations for which the operator asks for it.
    package let integrationIDs: Set<String>

    package init(isUniversal: Bool = false, integrationIDs: Set<String> = []) {
        self.isUniversal = isUniversal
        self.integrationIDs = integrationIDs
    }

    package func holds(in workspace: Workspace, integrationID: String) -> Bool {
        isUniversal || workspace.requiresConfirmation || integrationIDs.contains(integrationID)
    }
}
