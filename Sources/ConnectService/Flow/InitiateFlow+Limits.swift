package import Access
internal import Integrations

extension InitiateFlow {
    /// Begins a flow for the holder of a credential that is limited.
    package func begin(
        _ command: InitiateCommand, workspaceID: String, userID: String?, within limits: AccessLimits
    ) throws(InitiateError) -> InitiatedFlow {
        var command = command
        if let limit = try confine(&command, to: limits, workspaceID: workspaceID, userID: userID) {
            throw .limited(limit)
        }
        return try begin(command, workspaceID: workspaceID, userID: userID)
    }

    /// A flow that names no scopes asks for those of the integration's own that the limits allow.
    ///
    /// - Returns: the limit that the flow is beyond.
    func confine(
        _ command: inout InitiateCommand, to limits: AccessLimits, workspaceID: String, userID: String?
    ) throws(InitiateError) -> AccessLimits.Limit? {
        if let limit = limits.breach(
            integrationID: command.integrationID, connectionID: command.connectionID, userID: userID)
        {
            return limit
        }
        guard !limits.scopes.isEmpty else { return nil }
        let integration = try configured(command.integrationID, in: workspaceID)
        guard let scopes = integration.scopes(command.scopes, within: limits.scopes) else { return .scopes }
        command.scopes = scopes
        return nil
    }
}

extension ConfiguredIntegration {
    /// The scopes for a flow that may ask for no more than those allowed. What the integration always needs is always
    /// asked for.
    ///
    /// - Parameter preferred: what is asked for where nothing is; unless set, the integration's own that are allowed.
    /// - Returns: `nil` if the flow would ask for more, or could ask for nothing.
    func scopes(_ requested: [String], within ceiling: [String], preferred: [String]? = nil) -> [String]? {
        let allowed = Set(ceiling)
        let defaults = scopes(requested: [])
        // It knows no scopes, so that there is nothing to limit.
        guard !defaults.isEmpty || !scopes(requested: ceiling).isEmpty else { return [] }
        let chosen = requested.isEmpty ? preferred ?? defaults.filter(allowed.contains) : requested
        guard !chosen.isEmpty, chosen.allSatisfy(allowed.contains),
            // An integration with fixed scopes asks for them whatever was chosen.
            ScopeRules.beyond(scopes(requested: chosen), ceiling: ceiling, under: integration.scope).isEmpty
        else { return nil }
        return chosen
    }
}
