internal import Connections
internal import Integrations
internal import Logging
internal import OAuthHTTP

/// Ends grants at the provider (RFC 7009), but none that another connection lives by.
struct GrantRevoker<Store: ConnectionStore>: Sendable {
    private let settings: ServiceSettings
    private let store: Store
    /// Without it only the integration's own connections are looked at.
    private let integrations: IntegrationRegistry?
    private let provider: ProviderClient
    private let logger: Logger

    init(
        settings: ServiceSettings, store: Store, integrations: IntegrationRegistry?,
        provider: ProviderClient, logger: Logger
    ) {
        self.settings = settings
        self.store = store
        self.integrations = integrations
        self.provider = provider
        self.logger = logger
    }

    /// Which connections a revocation at this integration would also end; `nil` if it ends one token alone.
    func reach(of integration: ConfiguredIntegration) -> RevocationReach? {
        let ends = integration.integration.revocation.ends
        guard ends != .token else { return nil }
        var ids: Set<String> = [integration.id]
        var scopes = [integration.id: integration.accountScope]
        for id in integrations?.ids ?? [] {
            // Where its clients are not known now, its rows say which one they belong to.
            let clients = integrations?.clients(of: id) ?? []
            let isReached = clients.contains { other in
                other.clientID.utf8.elementsEqual(integration.clientID.utf8)
                    && (ends != .grant || other.revocationURL == integration.revocationURL)
            }
            guard clients.isEmpty || isReached else { continue }
            ids.insert(id)
            if scopes[id] == nil { scopes[id] = clients.first?.accountScope }
        }
        return RevocationReach(
            client: ClientFingerprint(clientID: integration.clientID), integrationIDs: ids, scopes: scopes)
    }

    /// Revokes tokens that no row holds, unless a connection uses the same grant.
    ///
    /// - Parameters:
    ///   - accountID: whose account they are for; `nil` may be anyone's.
    ///   - userID: for whom they were issued.
    ///   - config: what a connection would keep of the flow's parameters.
    func revokeUnkept(
        _ tokens: GrantTokens, of integration: ConfiguredIntegration, _ endpoints: Endpoints,
        accountID: String?, userID: String?, config: [String: String]
    ) async -> RevocationOutcome {
        if let reach = reach(of: integration) {
            do throws(StoreError) {
                let owner = GrantOwner(
                    reach: reach, accountID: accountID, userID: userID, integrationID: integration.id,
                    config: config)
                guard try await store.sharers(of: owner).isEmpty else { return .shared }
            } catch {
                logger.error(
                    "an unused grant was not revoked: the store does not say who else lives by it",
                    metadata: ["integration_id": "\(integration.id)", "error": "\(error)"])
                return .unknown
            }
        }
        return await revoke(tokens, of: integration, endpoints)
    }

    /// Revokes a connection's grant as the integration is configured now, without looking who else lives by it.
    func revoke(_ sealed: SealedConnection, openedBy sealer: CredentialSealer) async -> RevocationOutcome {
        let connection = sealed.connection
        guard let integrations, case .configured(let client) = integrations[of: connection],
            client.isClient(of: connection)
        else { return .notPossible }
        do {
            let integration = try await integrations.discovered(client, for: connection)
            let location = CredentialLocation(
                workspaceID: connection.workspaceID, connectionID: connection.id)
            let credentials = try sealer.open(sealed.credentials, at: location)
            return await revoke(
                GrantTokens(credentials), of: integration, try integration.endpoints(of: connection))
        } catch {
            logger.warning(
                "a grant could not be revoked",
                metadata: ["connection_id": "\(connection.id)", "error": "\(error)"])
            return .notPossible
        }
    }

    /// Revokes tokens without looking who else lives by them.
    func revoke(
        _ tokens: GrantTokens, of integration: ConfiguredIntegration, _ endpoints: Endpoints
    ) async -> RevocationOutcome {
        // The second grant first: to revoke the first may end it too.
        if let second = tokens.second, integration.integration.response.second?.revocation == .own {
            let ended = await revokeOne(
                access: second.accessToken, refresh: second.refreshToken, of: integration, endpoints)
            let first = await revokeOne(
                access: tokens.access, refresh: tokens.refresh, of: integration, endpoints)
            return first == .revoked ? ended : first
        }
        return await revokeOne(access: tokens.access, refresh: tokens.refresh, of: integration, endpoints)
    }

    private func revokeOne(
        access: String, refresh: String?, of integration: ConfiguredIntegration, _ endpoints: Endpoints
    ) async -> RevocationOutcome {
        let revocation = await provider.revoke(
            accessToken: access, refreshToken: refresh, of: integration, endpoints: endpoints,
            deadline: .now + settings.providerTimeout)
        switch revocation {
        case .revoked: return .revoked
        case .rejected: return .refused
        case .notPossible: return .notPossible
        case .notSent, .unknown:
            logger.warning(
                "a grant could not be revoked",
                metadata: ["integration_id": "\(integration.id)", "error": "\(revocation)"])
            return .unknown
        }
    }
}

/// The tokens of a grant that is to end; never shown, dumped or logged.
struct GrantTokens: Sendable {
    let access: String
    let refresh: String?
    let second: SecondCredentials?

    init(access: String, refresh: String?) {
        self.access = access
        self.refresh = refresh
        second = nil
    }

    /// - Parameter kept: a second grant that a row still holds, and that stays.
    init(_ credentials: Credentials, besides kept: SecondCredentials? = nil) {
        access = credentials.accessToken
        refresh = credentials.refreshToken
        second = credentials.second == kept ? nil : credentials.second
    }
}

extension GrantTokens: CustomStringConvertible, CustomReflectable {
    var description: String { "GrantTokens(silent)" }
    var customMirror: Mirror { Mirror(self, children: [:]) }
}
