package import Access
package import Connections
package import Integrations
internal import OAuth
package import StateTokens

/// Which limit of a credential something is beyond; `nil`: none.
extension AccessLimits {
    package func breach(by connection: Connection) -> Limit? {
        breach(
            integrationID: connection.integrationID, connectionID: connection.id.description,
            userID: connection.userID)
    }

    /// The same, and whether its access token may be good for more than the credential's scopes.
    ///
    /// - Parameter rules: the integration's.
    package func breach(byTokenOf connection: Connection, under rules: ScopeRules?) -> Limit? {
        if let limit = breach(by: connection) { return limit }
        guard !scopes.isEmpty else { return nil }
        let granted = connection.scopesGranted
        // What an imported grant is good for is not known.
        if granted.isEmpty, connection.binding == .imported, rules?.mode != ScopeMode.none { return .scopes }
        let beyond =
            ScopeRules.beyond(granted, ceiling: scopes, under: rules)
            + ScopeRules.beyond(connection.scopesRequested, ceiling: scopes, under: rules)
        return beyond.isEmpty ? nil : .scopes
    }

    /// Of a second grant, whose scopes come without the prefix that they were asked for with.
    ///
    /// - Parameter scope: the second grant's.
    package func breach(bySecondGrant scope: String?, under rules: ScopeRules?) -> Limit? {
        guard !scopes.isEmpty, let scope else { return nil }
        let prefix = rules?.secondList?.prefix ?? ""
        let granted = scope.split(separator: " ").map { prefix + $0 }
        return ScopeRules.beyond(granted, ceiling: scopes, under: rules).isEmpty ? nil : .scopes
    }

    /// Of a flow that another caller may have begun.
    package func breach(by state: FlowState, under rules: ScopeRules?) -> Limit? {
        let limit = breach(
            integrationID: state.integrationID, connectionID: state.connectionID, userID: state.userID)
        guard limit == nil, !scopes.isEmpty else { return limit }
        return ScopeRules.beyond(state.scopes, ceiling: scopes, under: rules).isEmpty ? nil : .scopes
    }

    /// Of an import, which makes a connection that the credential does not name yet.
    package func breach(by command: ImportCommand, under rules: ScopeRules?) -> Limit? {
        let limit = breach(
            integrationID: command.integrationID, connectionID: nil, userID: command.userID)
        guard limit == nil, !scopes.isEmpty, rules?.mode != ScopeMode.none else { return limit }
        let separator = rules?.answerSeparator ?? " "
        let granted = (command.credentials.scope ?? "").split(separator: separator).map(String.init)
        guard !granted.isEmpty, ScopeRules.beyond(granted, ceiling: scopes, under: rules).isEmpty else {
            return .scopes
        }
        guard let second = command.credentials.second else { return nil }
        // What it is good for is not known.
        guard let scope = second.scope else { return .scopes }
        return breach(bySecondGrant: scope, under: rules)
    }

    /// Of a revocation of all that match: the filter has to stay within the limits by itself.
    package func breach(by filter: RevocationFilter) -> Limit? {
        breach(integrationID: filter.integrationID, connectionID: nil, userID: filter.userID)
    }
}
