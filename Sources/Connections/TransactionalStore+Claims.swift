package import StateTokens

extension TransactionalStore {
    package func claim(
        flow: FlowID, codeHash: CodeHash, owner: LeaseOwner, lease: Duration, keep: Duration,
        subject: FlowSubject?
    ) async throws(StoreError) -> ClaimResult {
        try await claimAlone(
            nextClaim(of: flow, codeHash: codeHash, owner: owner, lease: lease, keep: keep, subject: subject))
    }

    package func nextClaim(
        of flow: FlowID, codeHash: CodeHash, owner: LeaseOwner, lease: Duration, keep: Duration,
        subject: FlowSubject?
    ) -> NextClaim {
        NextClaim(
            flow: flow, code: codeHash, owner: owner, lease: lease, keep: keep,
            subject: subject.flatMap { subscriptions.areToldOfFailures(in: $0.workspaceID) ? $0 : nil })
    }

    /// Claims a flow in a transaction of its own, whatever has become of it.
    package func claimAlone(_ next: NextClaim) async throws(StoreError) -> ClaimResult {
        // Most who come second only have to look, which takes no lock and waits for no disk.
        if hasClaimAtOnce(next.flow) != false, let result = try await settledResult(of: next) {
            return result
        }
        return try await write { [publisher] transaction in
            if let result = try transaction.claimAgain(next, publisher) { return result }
            if try transaction.insert(next.claim(at: try transaction.now()), of: next.flow) {
                return .claimed
            }
            // Another one inserted it since.
            guard let result = try transaction.claimAgain(next, publisher) else {
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
        try await finishAlone(
            FlowFinish(flow: flow, owner: owner, ending: ending, note: note, publisher: publisher))
    }

    /// Ends a flow in a transaction of its own.
    package func finishAlone(_ finish: FlowFinish) async throws(StoreError) -> Bool {
        try await write { transaction in
            guard let match = finish.match else {
                return try transaction.finish(finish, try transaction.claim(of: finish.flow), renewing: nil)
            }
            let (claim, rows) = try transaction.claim(
                of: finish.flow, lookingFor: match, limit: FlowFinish.mostMatches)
            return try transaction.finish(finish, claim, renewing: match.newest(of: rows))
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
    private func settledResult(of next: NextClaim) async throws(StoreError) -> ClaimResult? {
        let (progress, isSettled) = try await read { transaction -> (FlowProgress, Bool) in
            guard let claim = try transaction.claim(of: next.flow) else { return (.free, false) }
            let now = try transaction.now()
            let isSettled = !claim.hasLapsed(at: now) && !claim.outlasts(next.lease, at: now)
            return (claim.progress(of: next.code, at: now), isSettled)
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
package struct NextClaim: Sendable {
    package let flow: FlowID
    let code: CodeHash
    let owner: LeaseOwner
    let lease: Duration
    let keep: Duration
    let subject: FlowSubject?

    /// The first claim of the flow.
    package func claim(at now: DatabaseTime) -> Claim {
        Claim(code: code, owner: owner, until: now + lease, keptUntil: now + keep, subject: subject)
    }
}

/// How a caller wants a flow to end, with all that the transaction needs for it.
// A class, because several closures hold it, and a connection is large.
package final class FlowFinish: Sendable {
    /// How many of one user's connections to one account are compared: one for each server or tenant.
    package static let mostMatches = 100

    package let flow: FlowID
    let owner: LeaseOwner
    let ending: FlowEnding
    let note: EventNote
    let publisher: WebhookPublisher
    /// What is looked for that is to be renewed instead of making the ending's connection.
    package let match: ConnectionMatch?

    package init(
        flow: FlowID, owner: LeaseOwner, ending: FlowEnding, note: EventNote, publisher: WebhookPublisher
    ) {
        self.flow = flow
        self.owner = owner
        self.ending = ending
        self.note = note
        self.publisher = publisher
        if case .created(let connection, _) = ending, let match = ConnectionMatch(connection),
            match.isStorable
        {
            self.match = match
        } else {
            match = nil
        }
    }
}

extension StoreTransaction {
    /// - Parameters:
    ///   - found: the flow's claim, locked.
    ///   - existing: the connection that is to be renewed instead of making the ending's.
    /// - Returns: `false` if the caller is no longer the owner; nothing was written then.
    package func finish(
        _ finish: FlowFinish, _ found: Claim?, renewing existing: Connection?
    ) throws -> Bool {
        guard var claim = found else { return false }
        switch claim.finish(owner: finish.owner, as: finish.ending.result, at: try now()) {
        case .refused:
            return false
        case .written:
            return true
        case .write:
            if let existing { throw StoreError.alreadyConnected(existing) }
            try update(claim, of: finish.flow)
            try write(finish.ending, finish.note, finish.publisher)
            if case .failed(let failure) = finish.ending, let subject = finish.note.flow {
                try announce(failure, of: finish.flow, to: subject, finish.publisher)
            }
            return true
        }
    }

    /// Claims a flow that was claimed before; `nil` if it was not.
    fileprivate func claimAgain(_ next: NextClaim, _ publisher: WebhookPublisher) throws -> ClaimResult? {
        guard var claim = try claim(of: next.flow) else { return nil }
        let now = try now()
        let wasShortened = claim.shorten(to: next.lease, at: now)
        let wasSettled = try settle(&claim, of: next.flow, at: now, publisher)
        let result = claim.claim(
            code: next.code, owner: next.owner, until: now + next.lease, keptUntil: now + next.keep,
            subject: next.subject, at: now)
        if wasShortened || wasSettled || result == .claimed { try update(claim, of: next.flow) }
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
