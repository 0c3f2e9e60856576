package import Connections
package import StateTokens

/// Seals stored credentials again under the key that seals now, so that older keys can go.
///
/// It can be ended at any moment and begun again: what is done needs no second time. Between batches it pauses, so that
/// the store serves others.
package struct ResealConnections<Store: ConnectionStore>: Sendable {
    private let store: Store
    private let keyring: Keyring
    private let sealer: CredentialSealer
    private let batchCount: Int
    private let pause: Duration

    package init(
        store: Store, keyring: Keyring, batchCount: Int = 100, pause: Duration = .milliseconds(100)
    ) {
        self.store = store
        self.keyring = keyring
        sealer = CredentialSealer(Sealer(KeyringReference(keyring)))
        self.batchCount = batchCount
        self.pause = pause
    }

    /// Goes through all rows once, and then through those again that changed under its hands.
    ///
    /// - Parameters:
    ///   - isDryRun: whether only to see what there is to do, and whether it opens.
    ///   - progress: called after each batch.
    package func run(
        isDryRun: Bool = false, at now: @Sendable () -> Timestamp = { .now() },
        progress: (ResealProgress) -> Void
    ) async throws(ResealError) -> ResealProgress {
        guard let sealing = keyring.sealingKey(at: now()) else { throw .nothingSeals }
        var done = ResealProgress(keyID: sealing.id)
        for _ in 0..<Self.mostPasses {
            done.beginPass()
            try await pass(&done, current: currentKeyIDs(sealing, at: now()), isDryRun, now, progress)
            if done.changedCount == 0 { break }
        }
        return done
    }

    private static var mostPasses: Int { 5 }

    /// The key that seals, and those that take over from it: on another replica's clock one may have done so already.
    private func currentKeyIDs(_ sealing: Key, at now: Timestamp) -> Set<KeyID> {
        let coming = keyring.keys.filter { key in
            key.status == .enabled && key.activates.map { $0 > now } ?? true
        }
        return Set(coming.map(\.id)).union([sealing.id])
    }

    private func pass(
        _ done: inout ResealProgress, current: Set<KeyID>, _ isDryRun: Bool,
        _ now: @Sendable () -> Timestamp, _ progress: (ResealProgress) -> Void
    ) async throws(ResealError) {
        var last: String?
        while true {
            let batch = try await batch(notUnder: current, after: last)
            for row in batch.connections { try await reseal(row, &done, isDryRun, now()) }
            done.addUnreadable(batch.unreadable)
            if !batch.connections.isEmpty || !batch.unreadable.isEmpty { progress(done) }
            guard let next = batch.next else { return }
            last = next
            do {
                try await Task.sleep(for: pause)
            } catch {
                throw .cancelled
            }
        }
    }

    private func batch(
        notUnder keyIDs: Set<KeyID>, after last: String?
    ) async throws(ResealError) -> SealedBatch {
        do throws(StoreError) {
            return try await store.sealedConnections(notUnder: keyIDs, after: last, limit: batchCount)
        } catch {
            throw .store(error)
        }
    }

    private func reseal(
        _ row: SealedConnection, _ done: inout ResealProgress, _ isDryRun: Bool, _ now: Timestamp
    ) async throws(ResealError) {
        let connection = row.connection
        let location = CredentialLocation(workspaceID: connection.workspaceID, connectionID: connection.id)
        let credentials: Credentials
        do throws(CredentialError) {
            credentials = try sealer.open(row.credentials, at: location)
        } catch {
            return done.addUnreadable(connection.id, row.credentials.keyID, error)
        }
        guard !isDryRun else { return done.addResealed() }
        let sealed: SealedCredentials
        do throws(SealError) {
            sealed = try sealer.seal(credentials, at: location, now: now)
        } catch {
            throw .sealing(error)
        }
        do throws(StoreError) {
            let isDone = try await store.reseal(
                connection.id, workspaceID: connection.workspaceID, replacing: row.credentials, with: sealed)
            if isDone { done.addResealed() } else { done.addChanged() }
        } catch .unreadable {
            // It broke after it was read; the next pass names it.
            done.addChanged()
        } catch {
            throw .store(error)
        }
    }
}
