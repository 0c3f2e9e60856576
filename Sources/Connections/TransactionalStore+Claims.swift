package import StateTokens

extension TransactionalStore {
    package func claim(
        flow: FlowID, codeHash: CodeHash, owner: LeaseOwner, lease: Duration, keep: Duration,
        subject: FlowSubject?
    ) async throws(StoreError) -> ClaimResult {
        // Most who come second only have to look, which takes no lock and waits for no disk.
        if let result = try await settledResult(of: flow, codeHash, lease) { return result }
        return try await write { [subscriptions, publisher] transaction in
            let told = subject.flatMap { subscriptions.areToldOfFailures(in: $0.workspaceID) ? $0 : nil }
            let next = NextClaim(code: codeHash, owner: owner, lease: lease, keep: keep, subject: told)
            if let result = try transaction.claimAgain(flow, next, publisher) { return result }
            let now = try transaction.now()
            let claim = Claim(
                code: codeHash, owner: owner, until: now + lease, keptUntil: now + keep, subject: told)
            if try transaction.insert(claim, of: flow) { return .claimed }
            // Another one inserted it since.
            guard let result = try transaction.claimAgain(flow, next, publisher) else {
                throw StoreError.unavailable(reason: "a claim came and went")
            }
            return result
        }
    }

    package func release(flow: FlowID, owner: LeaseOwner) async throws(StoreError) -> Bool {
        try await write { transaction in
            guard var claim = try transaction.claim(of: flow),
                claim.release(owner: owner, at: try transaction.now())
            else { return false }
            try transaction.update(claim, of: flow)
            return true
        }
    }

    package func unclaim(flow: FlowID, owner: LeaseOwner) async throws(StoreError) -> Bool {
        try await write { transaction in
            guard var claim = try transaction.claim(of: flow),
                claim.unclaim(owner: owner, at: try transaction.now())
            else { return false }
            try transaction.update(claim, of: flow)
            return true
        }
    }

    package func finish(
        flow: FlowID, owner: LeaseOwner, as ending: FlowEnding, note: EventNote
    ) async throws(StoreError) -> Bool {
        try await write { [publisher] transaction in
            let (found, existing) = try transaction.claim(of: flow, endingAs: ending)
            guard var claim = found else { return false }
            switch claim.finish(owner: owner, as: ending.result, at: try transaction.now()) {
            case .refused:
                return false
            case .written:
                return true
            case .write:
                if let existing { throw StoreError.alreadyConnected(existing) }
                try transaction.update(claim, of: flow)
                try transaction.write(ending, note, publisher)
                if case .failed(let failure) = ending, let subject = note.flow {
                    try transaction.announce(failure, of: flow, to: subject, publisher)
                }
                return true
            }
        }
    }

    package func progress(of flow: FlowID, codeHash: CodeHash) async throws(StoreError) -> FlowProgress {
        let (progress, hasLapsed) = try await look(at: flow, codeHash)
        guard hasLapsed else { return progress }
        // What a poller gets to know has to be true for good.
        return try await write { [publisher] transaction in
            guard var claim = try transaction.claim(of: flow) else { return .free }
            let now = try transaction.now()
            if try transaction.settle(&claim, of: flow, at: now, publisher) {
                try transaction.update(claim, of: flow)
            }
            return claim.progress(of: codeHash, at: now)
        }
    }

    package func purgeClaims(limit: Int) async throws(StoreError) -> Int {
        try await write { transaction in
            try transaction.deleteClaims(keptUntil: try transaction.now(), limit: max(limit, 0))
        }
    }

    private func look(
        at flow: FlowID, _ codeHash: CodeHash
    ) async throws(StoreError) -> (progress: FlowProgress, hasLapsed: Bool) {
        try await read { transaction in
            guard let claim = try transaction.claim(of: flow) else { return (.free, false) }
            let now = try transaction.now()
            return (claim.progress(of: codeHash, at: now), claim.hasLapsed(at: now))
        }
    }

    /// The result of a claim that would write nothing.
    private func settledResult(
        of flow: FlowID, _ codeHash: CodeHash, _ lease: Duration
    ) async throws(StoreError) -> ClaimResult? {
        let (progress, isSettled) = try await read { transaction -> (FlowProgress, Bool) in
            guard let claim = try transaction.claim(of: flow) else { return (.free, false) }
            let now = try transaction.now()
            let isSettled = !claim.hasLapsed(at: now) && !claim.outlasts(lease, at: now)
            return (claim.progress(of: codeHash, at: now), isSettled)
        }
        guard isSettled else { return nil }
        switch progress {
        case .free: return nil
        case .pending(let sameCode): return .pending(sameCode: sameCode)
        case .finished(let result): return .finished(result)
        case .over: return .over
        }
    }
}

/// What a caller claims a flow with.
private struct NextClaim: Sendable {
    let code: CodeHash
    let owner: LeaseOwner
    let lease: Duration
    let keep: Duration
    let subject: FlowSubject?
}

extension StoreTransaction {
    /// Claims a flow that was claimed before; `nil` if it was not.
    fileprivate func claimAgain(
        _ flow: FlowID, _ next: NextClaim, _ publisher: WebhookPublisher
    ) throws -> ClaimResult? {
        guard var claim = try claim(of: flow) else { return nil }
        let now = try now()
        let wasShortened = claim.shorten(to: next.lease, at: now)
        let wasSettled = try settle(&claim, of: flow, at: now, publisher)
        let result = claim.claim(
            code: next.code, owner: next.owner, until: now + next.lease, keptUntil: now + next.keep,
            subject: next.subject, at: now)
        if wasShortened || wasSettled || result == .claimed { try update(claim, of: flow) }
        return result
    }

    /// Makes a lapsed lease the end of the flow, and tells who wants to know.
    /// - Returns: Whether the row is to be written.
    fileprivate func settle(
        _ claim: inout Claim, of flow: FlowID, at now: DatabaseTime, _ publisher: WebhookPublisher
    ) throws -> Bool {
        guard claim.hasLapsed(at: now) else { return false }
        if let (subject, reason) = claim.abandon(at: now) {
            try announce(reason, of: flow, to: subject, publisher)
            return true
        }
        return claim.settle(at: now)
    }

    /// - Returns: with the claim the connection that is to be renewed instead of making the ending's.
    fileprivate func claim(
        of flow: FlowID, endingAs ending: FlowEnding
    ) throws -> (claim: Claim?, existing: Connection?) {
        guard case .created(let connection, _) = ending, let match = ConnectionMatch(connection),
            match.isStorable
        else { return (try claim(of: flow), nil) }
        let (held, rows) = try claim(of: flow, lookingFor: match, limit: mostMatches)
        return (held, match.newest(of: rows))
    }

    fileprivate func write(
        _ ending: FlowEnding, _ note: EventNote, _ publisher: WebhookPublisher
    ) throws {
        switch ending {
        case .created(let connection, let credentials):
            let record = SealedRecord(
                connection: Connection(connection, now: try now()),
                credentials: CredentialsRecord(connectionID: connection.id, credentials: credentials))
            guard try insert(record) else { throw StoreError.alreadyExists }
            if connection.movesEnd { try noteEnd(of: record.connection, moves: true) }
            try self.note(
                .created, of: connection.id, workspaceID: connection.workspaceID, note, record.connection,
                publisher)
        case .renewed(let renewal, let credentials):
            guard var record = try sealedConnection(renewal.id, workspaceID: renewal.workspaceID) else {
                throw StoreError.notFound
            }
            let isExpected =
                renewal.ifMatching?.isMatched(by: record.connection)
                ?? (record.connection.revision == renewal.ifRevision)
            guard isExpected else { throw StoreError.revisionConflict }
            record.connection.renew(renewal, now: try now())
            record.credentials.replace(with: credentials)
            try update(record.connection)
            try update(record.credentials)
            try noteEnd(of: record.connection, moves: renewal.movesEnd)
            try self.note(
                .renewed, of: renewal.id, workspaceID: renewal.workspaceID, note, record.connection,
                publisher)
        case .failed:
            break
        }
    }
}

/// How many of one user's connections to one account are compared: one for each server or tenant.
private let mostMatches = 100
