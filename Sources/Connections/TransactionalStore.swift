package import StateTokens

/// A store over a database with transactions: it says how to run one, and has all calls of `ConnectionStore`
/// for it.
package protocol TransactionalStore: ConnectionStore, WebhookOutbox, APIKeyUseStore {
    associatedtype Transaction: StoreTransaction

    /// Who is told of the changes that this store makes.
    var subscriptions: WebhookSubscriptions { get }

    /// Whether a flow has a claim, on the caller's thread; `nil` where something has to be waited for.
    func hasClaimAtOnce(_ flow: FlowID) -> Bool?

    /// Runs one transaction that is written whole or not at all, and that a cancelled task does not abandon.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(StoreError) -> Value

    /// The same for a transaction that may take a minute or two.
    func writeLong<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(StoreError) -> Value

    /// Runs a transaction that writes nothing and waits for no lock.
    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(StoreError) -> Value
}

extension TransactionalStore {
    /// Tells apps of a change that the current task makes.
    package var publisher: WebhookPublisher { WebhookPublisher(subscriptions) }

    /// A store that always has something to wait for.
    package func hasClaimAtOnce(_ flow: FlowID) -> Bool? { nil }

    /// Where no transaction is ended by a clock, all may be long.
    package func writeLong<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(StoreError) -> Value { try await write(body) }

    package func ping() async throws(StoreError) {
        try await read { try $0.ping() }
    }

    // MARK: Sealing

    package func keysInUse() async throws(StoreError) -> KeysInUse {
        try await read { try $0.keysInUse() }
    }

    package func sealedConnections(
        notUnder keyIDs: Set<KeyID>, after: String?, limit: Int
    ) async throws(StoreError) -> SealedBatch {
        try await read { transaction in
            let rows = try transaction.sealedConnections(notUnder: keyIDs, after: after, limit: limit)
            var connections: [SealedConnection] = []
            var unreadable: [UnreadableConnection] = []
            for row in rows {
                switch row.record {
                case .success(let record): connections.append(record.sealedConnection)
                case .failure(let row): unreadable.append(row)
                }
            }
            return SealedBatch(
                connections: connections, unreadable: unreadable,
                next: rows.count == limit ? rows.last?.position?.id : nil)
        }
    }

    package func reseal(
        _ id: ConnectionID, workspaceID: String, replacing: SealedCredentials, with: SealedCredentials
    ) async throws(StoreError) -> Bool {
        try await write { transaction in
            guard var record = try transaction.sealedConnection(id, workspaceID: workspaceID),
                record.credentials.credentials == replacing
            else { return false }
            record.credentials.reseal(as: with)
            try transaction.update(record.credentials)
            return true
        }
    }
}
