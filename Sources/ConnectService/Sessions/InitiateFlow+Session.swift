package import Access
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
    case user = "user_id"
}

extension SessionLimit {
    fileprivate init(_ limit: AccessLimits.Limit) {
        switch limit {
        case .integrations: self = .integration
        case .connections: self = .connection
        case .users: self = .user
        case .scopes: self = .scopes
        }
    }
}

extension InitiateFlow {
    /// Begins a flow for the holder of a connect session: for its user, within its limits, to be confirmed on our page.
    ///
    /// - Parameter limits: of the credential that made the session, now.
    package func begin(
        _ command: InitiateCommand, in session: Session, within limits: AccessLimits? = nil
    ) throws(InitiateError) -> InitiatedFlow {
        guard session.allows(integrationID: command.integrationID) else {
            throw .sessionForbids(.integration)
        }
        var command = command
        try confine(&command, to: session)
        if let limits,
            let limit = try confine(
                &command, to: limits, workspaceID: session.workspaceID, userID: session.userID)
        {
            throw .sessionForbids(SessionLimit(limit))
        }
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
            // What the app made the session for outranks what its user's browser asks for.
            if command.connectionID == nil { command.newConnection = false }
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
        let integration = try configured(command.integrationID, in: session.workspaceID)
        if !session.scopes.isEmpty {
            // A session for one integration says which scopes it wants; for several, only which it allows.
            let preferred = session.integrationIDs.count == 1 ? session.scopes : nil
            let scopes = integration.scopes(
                command.scopes, within: session.scopes, preferred: preferred)
            guard let scopes else { throw .sessionForbids(.scopes) }
            command.scopes = scopes
        }
        let known = integration.integration.callerParameters
        for (name, value) in session.parameters where known.contains(name) {
            guard command.parameters[name] == nil || command.parameters[name].isSame(as: value) else {
                throw .sessionForbids(.parameters)
            }
            command.parameters[name] = value
        }
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
