public import StateTokens

/// Changes of a keyring. They make another one; nothing is written.
extension Keyring {
    /// Adds a key that takes over once every replica holds it; or finds the one that is on its way already, and gives it
    /// its time if it has none.
    ///
    /// - Parameters:
    ///   - activation: when the key begins to seal; `nil` is as soon as every replica surely holds it, and at once if
    ///     nothing seals.
    ///   - isForced: whether it may begin earlier than that, so that callbacks may fail.
    public func rotated(
        at now: Timestamp, activation: Timestamp? = nil, isForced: Bool = false
    ) throws(KeyringChangeError) -> KeyringRotation {
        let sealing = sealingKey(at: now)
        let earliest = sealing == nil ? now : now + propagation + skew
        if let activation {
            guard activation >= now else { throw .activationInPast }
            guard activation >= earliest || isForced else { throw .activationTooEarly(earliest: earliest) }
        }
        guard let pending = pendingKey(at: now) else {
            return try adding(activation: activation ?? earliest, at: now)
        }
        guard let activates = pending.activates else {
            // A rotation in two writes was broken off after the first.
            let ring = try replacing(pending.activating(at: activation ?? earliest))
            return KeyringRotation(ring, keyID: pending.id, isNew: false, supersededKeyID: sealing?.id)
        }
        guard activation == nil || activation == activates else {
            throw .alreadyScheduled(pending.id, activates)
        }
        return KeyringRotation(self, keyID: pending.id, isNew: false, supersededKeyID: sealing?.id)
    }

    /// The first of two writes: adds a key without a time, to be given one when every replica holds it; or finds the
    /// one that is on its way already.
    ///
    /// If nothing seals, the key does at once.
    public func published(at now: Timestamp) throws(KeyringChangeError) -> KeyringRotation {
        guard let sealing = sealingKey(at: now) else { return try rotated(at: now) }
        guard let pending = pendingKey(at: now) else { return try adding(activation: nil, at: now) }
        return KeyringRotation(self, keyID: pending.id, isNew: false, supersededKeyID: sealing.id)
    }

    /// The second of two writes: gives a published key its time. All replicas must hold it already.
    public func scheduled(
        _ id: KeyID, activation: Timestamp, at now: Timestamp
    ) throws(KeyringChangeError) -> Keyring {
        let key = try key(id)
        guard key.status == .enabled, key.activates == nil else { throw .notUnscheduled(id) }
        guard activation >= now else { throw .activationInPast }
        return try replacing(key.activating(at: activation))
    }

    /// Keeps a key from sealing; it still opens. Another's time must have come.
    public func retired(_ id: KeyID, at now: Timestamp) throws(KeyringChangeError) -> Keyring {
        let key = try key(id)
        switch key.status {
        case .retired: return self
        case .disabled: throw .disabled(id)
        case .enabled: break
        }
        let isSealing = id == sealingKey(at: now)?.id
        let ring = try replacing(key.with(.retired))
        guard !isSealing || ring.hasActiveKey(at: now) else {
            throw .nothingElseSeals(id, next: nextActivation(after: now))
        }
        return ring
    }

    /// Makes keys worthless at once, because others may know them: they authenticate nothing any more.
    ///
    /// If no other key's time has come, one that was to follow begins to seal now, or a new one does, in this same
    /// change.
    public func disabled(_ ids: [KeyID], at now: Timestamp) throws(KeyringChangeError) -> Keyring {
        var ring = self
        for id in ids { ring = try ring.replacing(key(id).with(.disabled)) }
        guard let sealing = sealingKey(at: now), ids.contains(sealing.id), !ring.hasActiveKey(at: now) else {
            return ring
        }
        if let next = ring.sealingKey(at: now) { return try ring.replacing(next.activating(at: now)) }
        return try ring.adding(activation: now, at: now).keyring
    }

    /// A key that is to take over, and does not seal yet: the first whose time comes, or else an unscheduled one.
    private func pendingKey(at now: Timestamp) -> Key? {
        let sealing = sealingKey(at: now)?.id
        let waiting = keys.filter { key in
            key.status == .enabled && key.id != sealing && key.activates.map { $0 > now } ?? true
        }
        let scheduled = waiting.filter { $0.activates != nil }
        return scheduled.min { ($0.activates ?? now, $0.id) < ($1.activates ?? now, $1.id) }
            ?? waiting.min { ($0.created, $0.id) < ($1.created, $1.id) }
    }

    private func hasActiveKey(at now: Timestamp) -> Bool {
        keys.contains { key in key.status == .enabled && key.activates.map { $0 <= now } ?? false }
    }

    private func adding(
        activation: Timestamp?, at now: Timestamp
    ) throws(KeyringChangeError) -> KeyringRotation {
        let key: Key
        do {
            key = try Key.make(created: now, activates: activation, avoiding: Set(keys.map(\.id)))
        } catch {
            throw .keyring(error)
        }
        return KeyringRotation(
            try with(keys + [key]), keyID: key.id, isNew: true, supersededKeyID: sealingKey(at: now)?.id)
    }
}

extension Keyring {
    func key(_ id: KeyID) throws(KeyringChangeError) -> Key {
        guard let key = self[id] else { throw .unknownKey(id) }
        return key
    }

    /// The same ring with other keys.
    func with(_ keys: [Key]) throws(KeyringChangeError) -> Keyring {
        do {
            return try Keyring(
                purpose: purpose, deploymentID: deploymentID, maximumLifetime: maximumLifetime,
                sessionLifetime: sessionLifetime, propagation: propagation, skew: skew, keys: keys)
        } catch {
            throw .keyring(error)
        }
    }

    fileprivate func replacing(_ key: Key) throws(KeyringChangeError) -> Keyring {
        try with(keys.map { $0.id == key.id ? key : $0 })
    }
}

extension Key {
    fileprivate func with(_ status: Status) -> Key {
        Key(id: id, material: material, created: created, activates: activates, status: status)
    }

    fileprivate func activating(at activates: Timestamp) -> Key {
        Key(id: id, material: material, created: created, activates: activates, status: status)
    }
}
