package import Connections
internal import Integrations
internal import Keyrings
package import StateTokens

/// How a replica stands: what answers `/readyz`.
package struct Readiness<Store: ConnectionStore>: Sendable {
    private let stateKeyring: KeyringReference
    private let connectionsKeyring: KeyringReference
    private let store: Store
    private let integrations: IntegrationRegistry
    private let now: @Sendable () -> Timestamp

    package init(
        stateKeyring: KeyringReference, connectionsKeyring: KeyringReference, store: Store,
        integrations: IntegrationRegistry, now: @escaping @Sendable () -> Timestamp = { .now() }
    ) {
        self.stateKeyring = stateKeyring
        self.connectionsKeyring = connectionsKeyring
        self.store = store
        self.integrations = integrations
        self.now = now
    }

    package func report() async -> ReadinessReport {
        let now = now()
        return ReadinessReport(
            stateKeyring: KeyringReport(stateKeyring.current, at: now),
            connectionsKeyring: KeyringReport(connectionsKeyring.current, at: now),
            isStoreUp: await isStoreUp(), awaitingDiscovery: integrations.awaitingDiscovery.map(\.id).sorted()
        )
    }

    private func isStoreUp() async -> Bool {
        do throws(StoreError) {
            try await store.ping()
            return true
        } catch {
            return false
        }
    }
}

/// What is in force, and what is degraded.
package struct ReadinessReport: Sendable, Equatable {
    package let stateKeyring: KeyringReport
    package let connectionsKeyring: KeyringReport
    package let isStoreUp: Bool
    /// Integrations whose issuer has not been read yet.
    package let awaitingDiscovery: [String]

    /// Without a key that seals there are no initiates. A broken store takes no replica out, for initiates go on.
    package var isReady: Bool { stateKeyring.sealingKey != nil }

    /// The names of the parts that do not work.
    package var degraded: [String] {
        var parts: [String] = []
        if stateKeyring.sealingKey == nil { parts.append("state_keyring") }
        if connectionsKeyring.sealingKey == nil { parts.append("connections_keyring") }
        if !isStoreUp { parts.append("store") }
        return parts + awaitingDiscovery.map { "discovery:\($0)" }
    }
}

/// A keyring as operators compare it between replicas.
package struct KeyringReport: Sendable, Equatable {
    package let digest: String
    package let sealingKey: KeyID?
    package let nextActivation: Timestamp?

    init(_ keyring: Keyring, at now: Timestamp) {
        digest = keyring.digest
        sealingKey = keyring.sealingKey(at: now)?.id
        nextActivation = keyring.nextActivation(after: now)
    }
}
