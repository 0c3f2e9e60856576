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
    /// Template parameters, and the fields of callback and answer that the integration keeps.
    let config: [String: String]

    init(_ flow: AuthorizedFlow, _ response: TokenResponse, receivedAt now: Timestamp) {
        credentials = Credentials(response, keeping: nil, receivedAt: now)
        let rules = flow.integration.integration.account
        let accountID = response.account.id ?? rules.id(inCallback: flow.grant.fields)
        let accountLabel = response.account.label ?? rules.label(inCallback: flow.grant.fields)
        account = accountID.map { ProviderAccount(id: $0, label: accountLabel) }
        scopesGranted = response.scopes
        var config = flow.verified.state.parameters
        config.merge(flow.grant.fields) { first, _ in first }
        // What the flow began with stands: an answer must not move a later refresh to another place.
        for (name, value) in response.fields where config[name] == nil {
            config[name] = value.text ?? String(decoding: value.bytes, as: UTF8.self)
        }
        self.config = config
    }

    func connection(id: ConnectionID, _ flow: AuthorizedFlow, binding: FlowBinding) -> NewConnection {
        let state = flow.verified.state
        return NewConnection(
            id: id, workspaceID: state.workspaceID, userID: state.userID, integrationID: flow.integration.id,
            authMethodID: state.authMethodID, label: account?.label ?? flow.integration.integration.label,
            scopesRequested: state.scopes, scopesGranted: scopesGranted, config: config, account: account,
            binding: binding, flowID: flow.verified.flowID, expiresAt: credentials.expiresAt)
    }

    func renewal(of old: Connection, _ flow: AuthorizedFlow, binding: FlowBinding) -> ConnectionRenewal {
        let state = flow.verified.state
        return ConnectionRenewal(
            id: old.id, workspaceID: old.workspaceID, ifRevision: old.revision,
            authMethodID: state.authMethodID,
            scopesRequested: state.scopes, scopesGranted: scopesGranted, config: config, account: account,
            binding: binding, flowID: flow.verified.flowID, expiresAt: credentials.expiresAt)
    }
}

extension ConnectionRenewal {
    func at(revision: Int64) -> ConnectionRenewal {
        ConnectionRenewal(
            id: id, workspaceID: workspaceID, ifRevision: revision, authMethodID: authMethodID,
            scopesRequested: scopesRequested, scopesGranted: scopesGranted, config: config, account: account,
            binding: binding, flowID: flowID, expiresAt: expiresAt)
    }
}

extension Credentials {
    /// - Parameter old: what is kept where the answer is silent: a refresh answer need not repeat the refresh token
    ///   (RFC 6749 §6).
    init(
        _ response: TokenResponse, keeping old: Credentials?, takesIDToken: Bool = true,
        receivedAt now: Timestamp
    ) {
        self.init(
            accessToken: response.accessToken, refreshToken: response.refreshToken ?? old?.refreshToken,
            tokenType: response.tokenType,
            expiresAt: response.lifetime.expiry(receivedAt: now, replacing: old?.expiresAt),
            scope: response.scopes.isEmpty ? nil : response.scopes.joined(separator: " "),
            idToken: (takesIDToken ? response.idToken : nil) ?? old?.idToken,
            raw: String(decoding: response.raw.bytes, as: UTF8.self))
    }
}
