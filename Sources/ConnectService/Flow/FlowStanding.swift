internal import Integrations
internal import StateTokens

/// Whether what a flow began with still stands: whatever initiate enforced is enforced again when the flow comes back, and
/// once more when it is completed.
package struct FlowStanding: Sendable {
    private let integrations: IntegrationRegistry
    private let workspaces: WorkspaceDirectory
    private let requirement: ConfirmationRequirement

    package init(
        integrations: IntegrationRegistry, workspaces: WorkspaceDirectory,
        requirement: ConfirmationRequirement = ConfirmationRequirement()
    ) {
        self.integrations = integrations
        self.workspaces = workspaces
        self.requirement = requirement
    }

    /// The integration and its endpoints, if a flow may go on.
    func check(_ state: FlowState) throws(FlowStandingError) -> (ConfiguredIntegration, Endpoints) {
        guard let workspace = workspaces[state.workspaceID] else { throw .redirectURINotAllowed }
        if let redirectURI = state.redirectURI, !workspace.redirectURIs.allows(redirectURI) {
            throw .redirectURINotAllowed
        }
        // Another client, other endpoints: the code belongs to neither (RFC 9700 §4.4).
        guard
            case .configured(let client) = integrations[state.integrationID, in: state.workspaceID]
        else { throw .changed }
        let integration: ConfiguredIntegration
        let endpoints: Endpoints
        do throws(ParameterError) {
            integration = try client.discovered(parameters: state.parameters)
            endpoints = try integration.endpoints(parameters: state.parameters)
        } catch .discoveryPending {
            guard let target = try target(of: client, state) else { throw .notReady }
            throw .undiscovered(
                DiscoveryNeed(
                    integrationID: client.id, workspaceID: state.workspaceID, target: target))
        } catch {
            // A parameter that the integration no longer takes: it changed while the flow was out.
            throw .changed
        }
        guard endpoints.fingerprint == state.fingerprint else { throw .changed }
        if state.binding == nil {
            // It began before confirmation was required, or where it is not (RFC 9700 §4.7).
            guard requirement.confirmation(in: workspace, integrationID: integration.id) != .required else {
                throw .changed
            }
        } else {
            // Without a redirect URI the ticket reaches no app.
            guard state.redirectURI != nil else { throw .changed }
        }
        return (integration, endpoints)
    }

    private func target(
        of client: ConfiguredIntegration, _ state: FlowState
    ) throws(FlowStandingError) -> DiscoveryTarget? {
        do throws(ParameterError) {
            return try client.discoveryTarget(parameters: state.parameters)
        } catch {
            throw .changed
        }
    }

    /// Reads the document that a flow waits for.
    ///
    /// - Returns: whether the flow can be looked at again.
    func discover(_ need: DiscoveryNeed) async -> Bool {
        do throws(ConnectionDiscoveryError) {
            try await integrations.discover(need)
            return true
        } catch {
            return false
        }
    }

    /// Whether the user is to be asked on our page: as the flow began, or as the configuration asks for now.
    func asksOnScreen(_ state: FlowState) -> Bool {
        // A binding proves more than the page does.
        guard state.binding == nil else { return false }
        guard !state.screen, let workspace = workspaces[state.workspaceID] else { return true }
        return requirement.confirmation(in: workspace, integrationID: state.integrationID) == .screen
    }

    /// The app's name: its label, or what the operator calls its workspace.
    func appName(of state: FlowState) -> String {
        workspaces[state.workspaceID]?.branding.label ?? state.workspaceID
    }
}

/// Why a flow may not go on.
package enum FlowStandingError: Error, Sendable, Equatable {
    /// The workspace is gone, or does not list the redirect URI any more.
    case redirectURINotAllowed
    /// The integration, its client or its endpoints are others now, or confirmation is required now.
    case changed
    /// This replica cannot tell yet.
    case notReady
    /// The document of the server that the flow is at has to be read first.
    case undiscovered(DiscoveryNeed)

    /// The name for logs and metrics.
    var name: String {
        switch self {
        case .redirectURINotAllowed: "redirect_uri_not_allowed"
        case .changed: "configuration_changed"
        case .notReady: "not_ready"
        case .undiscovered: "discovery_failed"
        }
    }
}
