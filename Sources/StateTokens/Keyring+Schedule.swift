extension Keyring {
    /// Where a key stands at a given time, in the words shown to people.
    public enum KeyState: String, Sendable {
        /// Published, to be scheduled when every replica has it.
        case unscheduled
        /// Enabled; its time to seal has not come.
        case next
        /// What seals now.
        case sealing
        /// Enabled, and superseded by another.
        case opening
        case retired
        case disabled
        /// Nothing that it sealed can still be accepted.
        case prunable
    }

    /// The key that seals: the enabled one whose activation is the latest that has come (of equals, the higher id). If
    /// none has come, the earliest enabled one. `nil` if no key is enabled.
    public func sealingKey(at now: Timestamp) -> Key? {
        let enabled = keys.filter { $0.status == .enabled }
        let active = enabled.filter { key in key.activates.map { $0 <= now } ?? false }
        return active.max(by: Self.activatesEarlier) ?? enabled.min(by: Self.activatesEarlier)
    }

    /// When a later enabled key takes over from this one, if any is scheduled to.
    public func superseded(_ key: Key) -> Timestamp? {
        keys.filter { $0.status == .enabled && $0.id != key.id && $0.activates != nil }
            .filter { Self.activatesEarlier(key, $0) }
            .compactMap(\.activates).min()
    }

    /// From when on a state key's tokens, states and sessions, are all past their greatest lifetime, on every replica's
    /// clock.
    ///
    /// `nil` as long as no later key is scheduled, and always for connection keys: those go when no row names them.
    public func inFlightUntil(_ key: Key) -> Timestamp? {
        guard purpose == .state, let superseded = superseded(key) else { return nil }
        return superseded + max(maximumLifetime, sessionLifetime) + skew + skew
    }

    /// From when on a key may go: a day after its last token, so that late users are still sent home.
    public func prunable(_ key: Key) -> Timestamp? {
        inFlightUntil(key).map { $0 + .seconds(86_400) }
    }

    /// Where `key` stands at `now`.
    public func state(of key: Key, at now: Timestamp) -> KeyState {
        switch key.status {
        case .disabled: return .disabled
        case .retired:
            if let end = prunable(key), end <= now { return .prunable }
            return .retired
        case .enabled:
            if key.id == sealingKey(at: now)?.id { return .sealing }
            guard let activates = key.activates else { return .unscheduled }
            if activates > now { return .next }
            if let end = prunable(key), end <= now { return .prunable }
            return .opening
        }
    }

    /// The next time at which another key begins to seal.
    public func nextActivation(after now: Timestamp) -> Timestamp? {
        keys.filter { $0.status == .enabled }.compactMap(\.activates).filter { $0 > now }.min()
    }

    /// Unscheduled keys come last: they are the latest to be made, and wait for their time.
    private static func activatesEarlier(_ left: Key, _ right: Key) -> Bool {
        switch (left.activates, right.activates) {
        case (let a?, let b?): (a, left.id) < (b, right.id)
        case (_?, nil): true
        case (nil, _?): false
        case (nil, nil): (left.created, left.id) < (right.created, right.id)
        }
    }
}
