package import Connections
internal import Integrations
internal import Logging

/// How a replica revokes grants.
package struct RevocationSettings: Sendable, Equatable {
    /// Between two looks for grants to revoke.
    package let interval: Duration
    /// How many grants are revoked at once; those of one integration may be a quarter of them.
    package let concurrency: Int
    /// For how long a provider that does not respond is asked again.
    package let patience: Duration
    /// The delay after the first failure; it doubles with each.
    package let backOff: Duration

    package init(
        interval: Duration = .seconds(5), concurrency: Int = 8, patience: Duration = .seconds(900),
        backOff: Duration = .seconds(2)
    ) {
        precondition(concurrency > 0, "a worker needs room for a revocation")
        self.interval = interval
        self.concurrency = concurrency
        self.patience = patience
        self.backOff = backOff
    }
}

/// Revokes the grants of revocations that were begun, at their providers.
///
/// It runs on every replica. Grants are taken by lease, a few at a time: what a replica that was killed leaves behind is
/// another one's when the lease is over, and to ask a provider twice does no harm (RFC 7009 §2.2).
package actor RevocationWorker<Store: ConnectionStore> {
    private static var longestBackOff: Duration { .seconds(60) }

    private enum Attempt: Sendable {
        case concluded(RevocationOutcome, reason: String?)
        /// The provider did not respond.
        case unanswered
        /// It was not asked: something else comes first.
        case wait(Duration)
    }

    /// As a row has it.
    private static var shared: Attempt { .concluded(.notPossible, reason: RevocationOutcome.shared.rawValue) }

    private let tokens: AccessTokens<Store>
    private let settings: RevocationSettings
    private var pauses = SweepPauses()

    package init(_ tokens: AccessTokens<Store>, settings: RevocationSettings = RevocationSettings()) {
        self.tokens = tokens
        self.settings = settings
    }

    /// Works until its task is cancelled. What has begun is finished first.
    package func run() async {
        while !Task.isCancelled {
            if await pass() { continue }
            // Not at one moment on all replicas.
            await pause(settings.interval * Int.random(in: 75...125) / 100)
        }
    }

    /// Revokes one batch of what is due.
    ///
    /// - Parameter id: of this revocation; `nil`: of any.
    /// - Returns: whether there was anything to do.
    @discardableResult
    package func pass(of id: RevocationID? = nil) async -> Bool {
        let batch: [RevocationTask]
        do throws(StoreError) {
            batch = try await tokens.store.takeRevocations(
                of: id, limit: settings.concurrency * 2, lease: lease)
        } catch {
            tokens.logger.warning(
                "no store to revoke grants of; trying again", metadata: ["error": "\(error)"])
            return false
        }
        var waiting = FairQueue(batch, concurrency: settings.concurrency, by: \.integrationID)
        await withTaskGroup(of: (RevocationTask, Attempt).self) { group in
            while true {
                while let grant = waiting.next() {
                    let pause = pauses.remaining(for: grant.integrationID, at: .now)
                    group.addTask { [self] in
                        // The lease of an integration that does not respond is not spent on waiting for it.
                        if let pause { return (grant, .wait(min(pause, .seconds(30)))) }
                        return (grant, await attempt(grant))
                    }
                }
                guard let (grant, attempt) = await group.next() else { break }
                waiting.finish(grant)
                await settle(grant, attempt)
            }
        }
        return !batch.isEmpty
    }

    /// Longer than a batch takes at an integration that does not respond.
    private var lease: Duration {
        let share = FairQueue<RevocationTask>.share(of: settings.concurrency)
        return tokens.settings.providerTimeout * (2 * settings.concurrency / share + 1) + .seconds(10)
    }

    private nonisolated func attempt(_ grant: RevocationTask) async -> Attempt {
        let found: RevocationTarget
        do throws(StoreError) {
            let reach = try await reach(of: grant)
            found = try await tokens.store.grantToRevoke(grant, reach: reach)
        } catch {
            tokens.logger.warning("a grant waits for the store", metadata: ["error": "\(error)"])
            return .wait(.seconds(5))
        }
        switch found {
        case .notFound: return .concluded(.unknown, reason: "connection_deleted")
        case .unreadable: return .concluded(.notPossible, reason: "connection_unreadable")
        case .leased(let remaining): return .wait(min(remaining, .seconds(1)))
        case .ready(_, let sharers) where !sharers.isEmpty: return Self.shared
        case .ready(let sealed, _):
            // The audit line's room is reserved first: without it nothing is revoked.
            guard tokens.audit.reserve(lineCount: 1) else { return .wait(.seconds(5)) }
            defer { tokens.audit.release(lineCount: 1) }
            let outcome = await tokens.revoker.revoke(sealed, openedBy: tokens.sealer)
            record(outcome, grant, sealed.connection)
            switch outcome {
            case .revoked, .refused, .notPossible: return .concluded(outcome, reason: nil)
            case .shared: return Self.shared
            case .unknown: return .unanswered
            }
        }
    }

    /// Which connections the revocation of a grant would also end, with the client that it was issued to.
    private nonisolated func reach(
        of grant: RevocationTask
    ) async throws(StoreError) -> RevocationReach? {
        guard let id = ConnectionID(grant.connectionID) else { return nil }
        do throws(StoreError) {
            guard let connection = try await tokens.store.connection(id, workspaceID: grant.workspaceID),
                case .configured(let integration) = tokens.integrations[of: connection]
            else { return nil }
            return tokens.revoker.reach(of: integration)
        } catch .unreadable {
            return nil
        }
    }

    private nonisolated func record(
        _ outcome: RevocationOutcome, _ grant: RevocationTask, _ connection: Connection
    ) {
        let audited: AuditEvent.Outcome =
            switch outcome {
            case .revoked: .success
            case .refused, .notPossible, .shared: .refused
            case .unknown: .failed
            }
        var event = AuditEvent(.revoke, of: connection, audited)
        event.reason = outcome == .revoked ? nil : outcome.rawValue
        event.credentialID = grant.actor
        event.isRevoked = outcome == .revoked
        event.detail = grant.revocationID.description
        tokens.audit.record(event)
    }

    private func settle(_ grant: RevocationTask, _ attempt: Attempt) async {
        do throws(StoreError) {
            switch attempt {
            case .concluded(let outcome, let reason):
                // All other outcomes came without a response of the provider.
                if outcome == .revoked || outcome == .refused {
                    pauses.noteSuccess(at: grant.integrationID)
                }
                _ = try await tokens.store.conclude(grant, as: outcome, reason: reason)
            case .unanswered:
                pauses.noteFailure(at: grant.integrationID, wanted: nil, now: .now)
                guard grant.age < settings.patience else { return try await giveUp(grant) }
                let delay = min(settings.backOff * (1 << min(grant.attemptCount, 8)), Self.longestBackOff)
                try await tokens.store.postpone(grant, by: delay, countsAttempt: true)
            case .wait(let delay):
                guard grant.age < settings.patience + .seconds(60) else { return try await giveUp(grant) }
                try await tokens.store.postpone(grant, by: delay, countsAttempt: false)
            }
        } catch {
            // Its lease ends by itself, and it is taken again.
            tokens.logger.warning(
                "what became of a grant could not be written; it is revoked again",
                metadata: ["connection_id": "\(grant.connectionID)", "error": "\(error)"])
        }
    }

    private func giveUp(_ grant: RevocationTask) async throws(StoreError) {
        _ = try await tokens.store.conclude(grant, as: .unknown, reason: "provider_unavailable")
    }
}
