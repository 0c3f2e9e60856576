package import StateTokens

/// When API keys were last used, on any replica. The file of API keys may be one that cannot be written where replicas run,
/// such as a Secret of Kubernetes, so this is kept with the rows.
package protocol APIKeyUseStore: Sendable {
    /// Notes uses, of which only a later one than is known counts.
    func noteKeyUses(_ uses: [String: Timestamp]) async throws(StoreError)

    /// The last use of each key that was ever used.
    func keyUses() async throws(StoreError) -> [String: Timestamp]
}

extension TransactionalStore {
    package func noteKeyUses(_ uses: [String: Timestamp]) async throws(StoreError) {
        guard !uses.isEmpty else { return }
        try await write { transaction in
            // In one order, so that two replicas never wait for each other.
            for (id, time) in uses.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
            where id.isStorable {
                _ = try transaction.run(
                    """
                    INSERT INTO api_key_uses (key_id, used_at_s) VALUES (?1, ?2)
                    ON CONFLICT (key_id) DO UPDATE SET used_at_s = excluded.used_at_s
                    WHERE api_key_uses.used_at_s < excluded.used_at_s
                    """, [.text(id), .integer(time.secondsSinceEpoch)])
            }
        }
    }

    package func keyUses() async throws(StoreError) -> [String: Timestamp] {
        try await read { transaction in
            var uses: [String: Timestamp] = [:]
            for values in try transaction.rows("SELECT key_id, used_at_s FROM api_key_uses", []) {
                guard values.count == 2, let id = values[0].string, case .integer(let seconds) = values[1]
                else { continue }
                uses[id] = Timestamp(secondsSinceEpoch: seconds)
            }
            return uses
        }
    }
}
