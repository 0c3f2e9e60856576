/// How a flow is confirmed, so that the user who authorized is the user who asked (RFC 9700 §4.7).
package enum ConfirmationMode: String, Sendable {
    /// By the app's server, with the secret that only its user's session has.
    case required
    /// By the user, on a page of ours.
    case screen
}

/// Where flows must be confirmed, whatever an initiate request says.
package struct ConfirmationRequirement: Sendable, Equatable {
    /// By the app's server, in all workspaces and for all integrations, as without a store.
    package let isUniversal: Bool
    /// The integrations for which the operator asks for it in all workspaces.
    package let integrations: [String: ConfirmationMode]

    package init(isUniversal: Bool = false, integrations: [String: ConfirmationMode] = [:]) {
        self.isUniversal = isUniversal
        self.integrations = integrations
    }

    /// The strictest of all that is asked for: the app's server comes before the page.
    package func confirmation(in workspace: Workspace, integrationID: String) -> ConfirmationMode? {
        if isUniversal { return .required }
        // Most deployments ask for nothing, and then nothing is looked up.
        let general = integrations.isEmpty ? nil : integrations[integrationID]
        let own = workspace.integrations.isEmpty ? nil : workspace.integrations[integrationID]?.confirmation
        if workspace.confirmation == .required || general == .required || own == .required {
            return .required
        }
        return workspace.confirmation ?? general ?? own
    }
}
