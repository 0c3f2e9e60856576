package import Access
package import Connections
internal import Integrations
package import Keyrings
package import StateTokens

/// How a replica stands: what answers `/readyz`.
package struct Readiness<Store: ConnectionStore>: Sendable {
    private let stateKeyring: LiveKeyring
    private let connectionsKeyring: LiveKeyring
    private let apiKeys: LiveAPIKeys
    private let store: StoreProbe<Store>
    private let hasStore: Bool
    private let integrations: IntegrationRegistry
    private let definitions: LiveDefinitions?
    private let logs: @Sendable () -> [String]
    private let now: @Sendable () -> Timestamp

    /// - Parameters:
    ///   - definitions: where entries and workspaces come from; `nil`: they never change.
    ///   - unwritableLogs: the names of the logs that cannot be written now.
    package init(
        stateKeyring: LiveKeyring, connectionsKeyring: LiveKeyring, apiKeys: LiveAPIKeys, store: Store,
        hasStore: Bool = true, integrations: IntegrationRegistry, definitions: LiveDefinitions? = nil,
        unwritableLogs: @escaping @Sendable () -> [String] = { [] },
        now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        logs = unwritableLogs
        self.stateKeyring = stateKeyring
        self.connectionsKeyring = connectionsKeyring
        self.apiKeys = apiKeys
        self.store = StoreProbe(store)
        self.hasStore = hasStore
        self.integrations = integrations
        self.definitions = definitions
        self.now = now
    }

    package func report() async -> ReadinessReport {
        let now = now()
        let problem = hasStore ? await store.problem() : nil
        return ReadinessReport(
            stateKeyring: KeyringReadiness(stateKeyring, at: now),
            connectionsKeyring: hasStore ? KeyringReadiness(connectionsKeyring, at: now) : nil,
            areAPIKeysStale: apiKeys.problem != nil, staleDefinitions: definitions?.problem?.part,
            isStoreUp: hasStore ? problem == nil : nil,
            storeProblem: problem, unwritableLogs: logs(),
            awaitingDiscovery: Set(integrations.awaitingDiscovery.map(\.id)).sorted())
    }

    /// The keyrings in force, key by key: of states, and where there is a store of connections.
    package func schedules() -> [KeyringSchedule] {
        let now = now()
        return ([stateKeyring] + (hasStore ? [connectionsKeyring] : [])).map {
            KeyringSchedule($0, at: now)
        }
    }
}

/// What is in force, and what is degraded.
package struct ReadinessReport: Sendable, Equatable {
    package let stateKeyring: KeyringReadiness
    /// `nil` where there is no store.
    package let connectionsKeyring: KeyringReadiness?
    /// Whether the file of API keys is bad, so that what was in it before is in force.
    package let areAPIKeysStale: Bool
    /// The files that are bad, so that what was in them before is in force.
    package let staleDefinitions: LiveDefinitions.Problem.Part?
    /// `nil` where there is no store.
    package let isStoreUp: Bool?
    /// Why the store is down, in a word that tells strangers nothing; the log has the rest.
    package let storeProblem: String?
    /// What must be audited and cannot be written is rejected, so a log is a part like any other.
    package let unwritableLogs: [String]
    /// Integrations whose issuer has not been read yet.
    package let awaitingDiscovery: [String]

    /// Without a key that seals there are no initiates. A broken store takes no replica out: initiates go on.
    package var isReady: Bool { stateKeyring.sealingKey != nil }

    /// The names of the parts that do not work.
    package var degraded: [String] {
        var parts: [String] = []
        if stateKeyring.sealingKey == nil { parts.append("state_keyring") }
        if let connectionsKeyring, connectionsKeyring.sealingKey == nil {
            parts.append("connections_keyring")
        }
        if stateKeyring.problem != nil { parts.append("state_keyring_stale") }
        if connectionsKeyring?.problem != nil { parts.append("connections_keyring_stale") }
        if areAPIKeysStale { parts.append("api_keys_stale") }
        if let staleDefinitions { parts.append("\(staleDefinitions.rawValue)_stale") }
        if isStoreUp == false { parts.append("store") }
        return parts + unwritableLogs + awaitingDiscovery.map { "discovery:\($0)" }
    }
}

/// A keyring as operators compare it between replicas.
package struct KeyringReadiness: Sendable, Equatable {
    package let digest: String
    package let sealingKey: KeyID?
    package let nextActivation: Timestamp?
    /// When it was put in force; `nil` if it is the one that the process began with.
    package let reloadedAt: Timestamp?
    /// Why the file is not what is in force, in a word that tells strangers nothing; the log has the rest.
    package let problem: String?

    init(_ live: LiveKeyring, at now: Timestamp) {
        let status = live.status
        let keyring = live.reference.current
        reloadedAt = status.reloadedAt
        problem = status.problem?.code
        digest = keyring.digest
        sealingKey = keyring.sealingKey(at: now)?.id
        nextActivation = keyring.nextActivation(after: now)
    }
}
