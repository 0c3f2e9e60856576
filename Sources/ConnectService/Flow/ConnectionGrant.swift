internal import Connections
internal import Encodings
internal import Integrations
internal import OAuth
internal import StateTokens

/// What a token response gives a connection.
struct ConnectionGrant {
    let credentials: Credentials
    let account: ProviderAccount?
    let scopesGranted: [String]
    /// Template parameters, and the fields of callback and token response that the integration keeps.
    let config: [String: String]
    let facts: GrantFacts
    /// Whether the next refresh moves the grant's end.
    private let movesEnd: Bool

    /// - Parameter lookup: what the provider says of the account when it is asked; `nil` if it was not, or said nothing.
    init(
        _ flow: AuthorizedFlow, _ response: TokenResponse, lookup: JSONValue?, receivedAt now: Timestamp
    ) {
        credentials = Credentials(firstOf: response, receivedAt: now)
        facts = GrantFacts(response, credentials, of: flow.integration, receivedAt: now)
        movesEnd =
            response.movesEnd(facts.reauthorizeBy, by: flow.integration.integration.refresh, at: now) ?? false
        let named = response.account(
            of: flow.integration, callbackFields: flow.grant.fields, lookup: lookup)
        account = named.id.map { ProviderAccount(id: $0, label: named.label) }
        scopesGranted = response.scopes
        var config = flow.verified.state.parameters
        config.merge(flow.grant.fields) { first, _ in first }
        // The flow's own parameters win: a response must not move a later refresh to another host.
        for (name, value) in response.fields where config[name] == nil {
            config[name] = value.text ?? String(decoding: value.bytes, as: UTF8.self)
        }
        let found = response.accountFields(
            of: flow.integration, callbackFields: flow.grant.fields, lookup: lookup)
        config.merge(found) { first, _ in first }
        self.config = config
    }

    func connection(id: ConnectionID, _ flow: AuthorizedFlow, binding: FlowBinding) -> NewConnection {
        let state = flow.verified.state
        return NewConnection(
            id: id, workspaceID: state.workspaceID, userID: state.userID, integrationID: flow.integration.id,
            label: state.label ?? account?.label ?? flow.integration.integration.label, tags: state.tags,
            statusReason: account == nil && !flow.integration.integration.account.id.isEmpty
                ? "The provider did not say whose account it is." : nil,
            terms: terms(flow, binding: binding), movesEnd: movesEnd,
            renewsWithin: state.newConnection ? nil : flow.integration.accountScope)
    }

    /// - Parameters:
    ///   - isCompared: whether the account is known to be the one from before.
    ///   - match: by what the connection was found, where the flow did not name it.
    func renewal(
        of old: Connection, _ flow: AuthorizedFlow, binding: FlowBinding, isCompared: Bool,
        ifMatching match: ConnectionMatch? = nil
    ) -> ConnectionRenewal {
        let state = flow.verified.state
        return ConnectionRenewal(
            id: old.id, workspaceID: old.workspaceID, ifRevision: old.revision, ifMatching: match,
            statusReason: isCompared
                ? nil : "The account of this renewal could not be compared with the one before.",
            label: state.label, tags: state.tags.isEmpty ? nil : state.tags,
            terms: terms(flow, binding: binding, isAccountCompared: isCompared), movesEnd: movesEnd)
    }

    private func terms(
        _ flow: AuthorizedFlow, binding: FlowBinding, isAccountCompared: Bool = true
    ) -> GrantTerms {
        let state = flow.verified.state
        return GrantTerms(
            authMethodID: state.authMethodID, scopesRequested: state.scopes, scopesGranted: scopesGranted,
            config: config, account: account, binding: binding, flowID: flow.verified.flowID,
            expiresAt: credentials.expiresAt, facts: facts, isAccountCompared: isAccountCompared)
    }
}
