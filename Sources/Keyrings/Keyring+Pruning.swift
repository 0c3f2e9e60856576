public import StateTokens

extension Keyring {
    /// Takes keys out of the ring for good.
    ///
    /// A state key may go a day after the last of its tokens. A connection key may be pruned when no row needs it, and every
    /// replica has stopped sealing with it.
    ///
    /// - Parameters:
    ///   - ids: the keys, each of which must be one that may go; `nil` takes all that may.
    ///   - rowsName: the keys that rows of the store name, for a connections keyring; `nil` if the store was not asked.
    ///   - unreadableRowCount: how many rows do not say which key they need. While there are such rows no connection key
    ///     goes, unless that is forced.
    ///   - isForced: gives up the day of grace of a state key, and takes the caller's word for it that no row needs a
    ///     connection key. What is certainly needed stays all the same.
    public func pruned(
        _ ids: [KeyID]? = nil, at now: Timestamp, rowsName: Set<KeyID>? = nil,
        unreadableRowCount: Int = 0, isForced: Bool = false
    ) throws(KeyringChangeError) -> Keyring {
        guard purpose == .state || rowsName != nil || (isForced && ids != nil) else { throw .rowsUnknown }
        var gone: Set<KeyID> = []
        let all = idsThatMayGo(at: now, rowsName: rowsName, isForced: isForced)
        for id in ids ?? all {
            try checkMayGo(key(id), at: now, rowsName: rowsName, isForced: isForced)
            gone.insert(id)
        }
        guard gone.isEmpty || purpose == .state || unreadableRowCount == 0 || isForced else {
            throw .rowsUnreadable(unreadableRowCount)
        }
        return try with(keys.filter { !gone.contains($0.id) })
    }

    /// From when on a replica can no longer seal with a connection key that another has taken over from, its slowest
    /// write included.
    public func writtenUntil(_ key: Key) -> Timestamp? {
        superseded(key).map { $0 + propagation + skew + skew }
    }

    /// Refuses to disable keys of a connections keyring that rows need, or soon may.
    public func checkRowsDoNotNeed(
        _ ids: [KeyID], at now: Timestamp, rowsName: Set<KeyID>
    ) throws(KeyringChangeError) {
        for id in ids { try checkIsUnused(key(id), at: now, rowsName: rowsName, isForced: false) }
    }

    /// Whatever has sealed and may go. A key that waits for its time goes only when it is named.
    private func idsThatMayGo(
        at now: Timestamp, rowsName: Set<KeyID>?, isForced: Bool
    ) -> [KeyID] {
        var ids: [KeyID] = []
        for key in keys where key.activates.map({ $0 <= now }) ?? false {
            do throws(KeyringChangeError) {
                try checkMayGo(key, at: now, rowsName: rowsName, isForced: isForced)
                ids.append(key.id)
            } catch {
                // It stays; that is no failure unless the caller named it.
                continue
            }
        }
        return ids
    }

    private func checkMayGo(
        _ key: Key, at now: Timestamp, rowsName: Set<KeyID>?, isForced: Bool
    ) throws(KeyringChangeError) {
        guard key.id != sealingKey(at: now)?.id else { throw .seals(key.id) }
        if key.status == .enabled, hasNotSealed(key, at: now) {
            try checkWillNotSeal(key, at: now)
            if purpose == .connections, rowsName?.contains(key.id) == true { throw .rowsName(key.id) }
            return
        }
        switch purpose {
        case .state: try checkIsLongSuperseded(key, at: now, isForced: isForced)
        case .connections: try checkIsUnused(key, at: now, rowsName: rowsName, isForced: isForced)
        }
    }

    private func hasNotSealed(_ key: Key, at now: Timestamp) -> Bool {
        key.activates.map { $0 > now } ?? true
    }

    private func checkWillNotSeal(_ key: Key, at now: Timestamp) throws(KeyringChangeError) {
        guard let activates = key.activates else { return }
        guard activates >= now + propagation + skew else { throw .aboutToSeal(key.id, activates) }
    }

    private func checkIsLongSuperseded(
        _ key: Key, at now: Timestamp, isForced: Bool
    ) throws(KeyringChangeError) {
        // What authenticates nothing is on its way in vain; it is kept to count what still comes.
        if key.status == .disabled, isForced { return }
        // Without the day of grace, a replica that was late to hear is allowed for.
        let end = isForced ? inFlightUntil(key).map { $0 + propagation } : prunable(key)
        guard let end, end <= now else { throw .inFlight(key.id, until: end) }
    }

    private func checkIsUnused(
        _ key: Key, at now: Timestamp, rowsName: Set<KeyID>?, isForced: Bool
    ) throws(KeyringChangeError) {
        guard key.id != sealingKey(at: now)?.id else { throw .seals(key.id) }
        if rowsName?.contains(key.id) == true { throw .rowsName(key.id) }
        guard !isForced else { return }
        guard rowsName != nil else { throw .rowsUnknown }
        guard let end = writtenUntil(key), end <= now else {
            throw .inFlight(key.id, until: writtenUntil(key))
        }
    }
}
