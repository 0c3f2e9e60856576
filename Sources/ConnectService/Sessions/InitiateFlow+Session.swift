internal import Integrations
package import StateTokens

/// What a connect session may limit, by the names of an initiate request.
package enum SessionLimit: String, Sendable {
    case integration = "integration_id"
    case scopes
    case parameters = "params"
    case redirectURI = "redirect_uri"
    case connection = "connection_id"
    case label
    case tags
    /// A session's flows are confirmed on our page, and no app's server takes part.
    case binding
}

extension InitiateFlow {
    /// Begins a flow for the holder of a connect session: for its user, within its limits, to be confirmed on our page.
    package func begin(
        _ command: InitiateCommand, in session: Session
    ) throws(InitiateError) -> InitiatedFlow {
        guard session.allows(integrationID: command.integrationID) else {
            throw .sessionForbids(.integration)
        }
        var command = command
        try confine(&command, to: session)
        command.screen = true
        command.userLabel = session.userLabel
        return try begin(command, workspaceID: session.workspaceID, userID: session.userID)
    }

    private func confine(_ command: inout InitiateCommand, to session: Session) throws(InitiateError) {
        guard command.binding == nil else { throw .sessionForbids(.binding) }
        guard command.redirectURI == nil || command.redirectURI.isSame(as: session.redirectURI) else {
            throw .sessionForbids(.redirectURI)
        }
        command.redirectURI = session.redirectURI
        if session.connectionID != nil {
            guard command.connectionID == nil || command.connectionID.isSame(as: session.connectionID) else {
                throw .sessionForbids(.connection)
            }
            command.connectionID = session.connectionID
        }
        guard command.label == nil || command.label.isSame(as: session.label) else {
            throw .sessionForbids(.label)
        }
        command.label = session.label
        guard command.tags.isEmpty || command.tags == session.tags else { throw .sessionForbids(.tags) }
        command.tags = session.tags
        guard !session.scopes.isEmpty || !session.parameters.isEmpty else { return }
        let integration = try configured(command.integrationID)
        if !session.scopes.isEmpty {
            command.scopes = try scopes(command.scopes, of: integration, within: session)
        }
        let known = integration.integration.callerParameters
        for (name, value) in session.parameters where known.contains(name) {
            guard command.parameters[name] == nil || command.parameters[name].isSame(as: value) else {
                throw .sessionForbids(.parameters)
            }
            command.parameters[name] = value
        }
    }

    /// What a flow asks for that names no scopes: the session's, if they are for one integration; else those of the
    /// integration's own that the session allows. What the integration always needs is always asked for.
    private func scopes(
        _ requested: [String], of integration: ConfiguredIntegration, within session: Session
    ) throws(InitiateError) -> [String] {
        let allowed = Set(session.scopes)
        let defaults = integration.scopes(requested: [])
        // It knows no scopes, so that there is nothing to limit.
        guard !defaults.isEmpty || !integration.scopes(requested: session.scopes).isEmpty else { return [] }
        var chosen = requested
        if chosen.isEmpty {
            chosen = session.integrationIDs.count == 1 ? session.scopes : defaults.filter(allowed.contains)
        }
        let always = Set(integration.integration.scope.required + ["offline_access"])
        guard !chosen.isEmpty, chosen.allSatisfy(allowed.contains),
            // An integration with fixed scopes asks for them whatever was chosen.
            integration.scopes(requested: chosen).allSatisfy({ allowed.contains($0) || always.contains($0) })
        else { throw .sessionForbids(.scopes) }
        return chosen
    }
}

extension Session {
    /// By octets, as the catalog's ids are.
    package func allows(integrationID: String) -> Bool {
        integrationIDs.isEmpty
            || integrationIDs.contains { $0.utf8.elementsEqual(integrationID.utf8) }
    }
}

extension Optional<String> {
    /// Octet by octet: strings that Unicode calls equivalent are not the same to a provider.
    fileprivate func isSame(as other: String?) -> Bool {
        guard let self, let other else { return false }
        return self.utf8.elementsEqual(other.utf8)
    }
}
