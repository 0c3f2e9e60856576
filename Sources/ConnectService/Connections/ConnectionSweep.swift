package import Connections
internal import Logging
package import Metrics
internal import StateTokens
internal import Tracing

/// How a replica sweeps.
package struct SweepSettings: Sendable, Equatable {
    /// Between two looks for what is due.
    package let interval: Duration
    /// How many refreshes run at once; those of one integration may be a quarter of them.
    package let concurrency: Int

    package init(interval: Duration = .seconds(10), concurrency: Int = 8) {
        precondition(concurrency > 0, "a sweep needs room for a refresh")
        self.interval = interval
        self.concurrency = concurrency
    }
}

/// Refreshes access tokens before they expire, and keeps unused grants alive.
///
/// It runs on every replica. Rows are taken by lease, a few at a time, so memory does not grow with the table; and each
/// refresh takes the lease that requests take, so that there is one at a time on all replicas together.
package actor ConnectionSweep<Store: ConnectionStore> {
    /// Longer than a batch takes: what a replica leaves behind is another one's after that.
    private static var lease: Duration { .seconds(300) }
    private static var longestDelay: Duration { .seconds(3_600) }

    private struct Visit: Sendable {
        let connection: Connection
        let endpoint: String
        let due: Timestamp
    }

    private let tokens: AccessTokens<Store>
    private let settings: SweepSettings
    private let counts: SweepCounts
    private let clock: @Sendable () -> ContinuousClock.Instant
    private var pauses = SweepPauses()

    /// - Parameter clock: one that never jumps, by which endpoints are left alone for a while.
    package init(
        _ tokens: AccessTokens<Store>, settings: SweepSettings = SweepSettings(),
        metrics: any MetricsFactory = MetricsSystem.factory,
        clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.tokens = tokens
        self.settings = settings
        self.clock = clock
        counts = SweepCounts(metrics)
    }

    /// Sweeps until its task is cancelled. A refresh that has begun is finished first.
    package func run() async {
        while !Task.isCancelled {
            await hasten()
            await report()
            var isFull = true
            while isFull, !Task.isCancelled {
                isFull = await pass()
                // Requests that write must get their turn.
                if isFull { await pause(.milliseconds(20)) }
            }
            // Not at one moment on all replicas.
            await pause(settings.interval * Int.random(in: 75...125) / 100)
        }
        await tokens.flushReads()
    }

    /// Looks at one batch of what is due.
    ///
    /// - Returns: whether there may be more.
    @discardableResult
    package func pass() async -> Bool {
        await tokens.flushReads()
        let start = tokens.spans.now
        let batch: DueBatch
        do throws(StoreError) {
            batch = try await tokens.store.takeDue(limit: settings.concurrency * 8, lease: Self.lease)
        } catch {
            tokens.logger.warning("the sweep found no store; trying again", metadata: ["error": "\(error)"])
            return false
        }
        for row in batch.unreadable {
            tokens.logger.error(
                "a stored connection cannot be read, and is not refreshed",
                metadata: [
                    "connection_id": "\(row.id?.description ?? "unknown")", "error": "\(row.fault)",
                ])
        }
        guard !batch.connections.isEmpty else { return batch.isFull }
        let span = tokens.spans.beginSweep(since: start)
        defer { span?.end() }
        return await ServiceContext.withValue(span?.context ?? ServiceContext.current) { await visit(batch) }
    }

    /// Looks at each connection of a batch.
    ///
    /// - Returns: whether there may be more.
    private func visit(_ batch: DueBatch) async -> Bool {
        var next: [(Connection, Timestamp?)] = []
        var due: [Visit] = []
        for connection in batch.connections {
            let second = tokens.mayHoldSecondGrant(connection) ? tokens.now() : nil
            if let since = tokens.due(connection) ?? second {
                due.append(
                    Visit(
                        connection: connection, endpoint: tokens.refreshEndpoint(of: connection), due: since))
            } else {
                counts.count("not_due")
                next.append((connection, firstLook(at: connection)))
            }
        }
        next += await refresh(due)
        do throws(StoreError) {
            let visits = next.map { SweepVisit($0.0.id, leasedUntil: batch.leasedUntil, next: $0.1) }
            try await tokens.spans.span(.schedule) { () async throws(StoreError) in
                try await tokens.store.schedule(visits)
            }
        } catch {
            // The lease ends by itself, and they are looked at again.
            tokens.logger.warning(
                "the sweep could not put connections off", metadata: ["error": "\(error)"])
            return false
        }
        return batch.isFull
    }

    private func firstLook(at connection: Connection) -> Timestamp? {
        guard connection.status != .testing else { return tokens.now() + .seconds(600) }
        // What is not due now is due later, or never.
        return tokens.nextSweep(of: connection).map { max($0, tokens.now() + .seconds(1)) }
    }

    /// Refreshes connections, as many at once as may be.
    ///
    /// - Returns: those that are to be looked at again, and when.
    private func refresh(_ visits: [Visit]) async -> [(Connection, Timestamp?)] {
        var waiting = FairQueue(visits, concurrency: settings.concurrency) { $0.connection.integrationID }
        var next: [(Connection, Timestamp?)] = []
        await withTaskGroup(of: (Visit, SweepOutcome).self) { group in
            while true {
                while let visit = waiting.next() {
                    if Task.isCancelled {
                        waiting.finish(visit)
                        next.append((visit.connection, tokens.now()))
                    } else if let left = pauses.remaining(for: visit.endpoint, at: clock()) {
                        waiting.finish(visit)
                        counts.count("endpoint_paused")
                        next.append((visit.connection, tokens.now() + left + .seconds(.random(in: 1...60))))
                    } else {
                        group.addTask { [tokens] in (visit, await tokens.sweep(visit.connection)) }
                    }
                }
                guard let (visit, outcome) = await group.next() else { break }
                waiting.finish(visit)
                conclude(visit, outcome, &next)
            }
        }
        return next
    }

    /// Counts what came of a visit, and says when to look again where the row does not say so itself.
    private func conclude(
        _ visit: Visit, _ outcome: SweepOutcome, _ next: inout [(Connection, Timestamp?)]
    ) {
        switch outcome {
        case .refreshed:
            counts.count("refreshed")
            pauses.noteSuccess(at: visit.endpoint)
        case .expired: counts.count("ended")
        case .ended:
            counts.count("ended")
            // The endpoint answered, whatever it said of this grant. A row that does not say so after all is another
            // sweep's when the lease is over.
            pauses.noteSuccess(at: visit.endpoint)
        case .postponed(let until):
            counts.count("not_due")
            next.append((visit.connection, until))
        case .failed(let error):
            counts.count("failed")
            next.append((visit.connection, tokens.now() + delay(after: error, visit)))
        }
    }

    private func delay(after error: AccessTokenError, _ visit: Visit) -> Duration {
        // The longer a connection is overdue, the less often it is tried.
        let overdue = Duration.seconds(max(0, tokens.now().seconds(since: visit.due)))
        let backOff = min(max(overdue / 4, .seconds(60)), Self.longestDelay) * Int.random(in: 80...120) / 100
        switch error {
        case .providerError(let seconds):
            let wanted = Duration.seconds(seconds)
            pauses.noteFailure(
                at: visit.endpoint, wanted: wanted > RefreshStart.shortestCooldown ? wanted : nil,
                now: clock())
            return max(backOff, wanted)
        case .providerTimeout:
            pauses.noteFailure(at: visit.endpoint, wanted: nil, now: clock())
            return backOff
        case .tooEarly(let seconds): return .seconds(seconds)
        case .busy, .storeUnavailable: return .seconds(60)
        case .notConfigured, .unreadable, .sealed, .failed, .notFound, .grantNotFound, .inactive,
            .reconnectRequired:
            return Self.longestDelay
        }
    }

    /// Lets connections be looked at that were put off while the clock was ahead.
    package func hasten() async {
        do throws(StoreError) {
            let count = try await tokens.store.hastenSweep(limit: 500)
            guard count > 0 else { return }
            tokens.logger.notice(
                "connections were to be looked at too late: they are due now", metadata: ["count": "\(count)"]
            )
        } catch {
            tokens.logger.warning(
                "connections that are looked at too late could not be found", metadata: ["error": "\(error)"])
        }
    }

    private func report() async {
        do throws(StoreError) {
            counts.show(try await tokens.store.sweepBacklog())
        } catch {
            tokens.logger.warning(
                "the sweep's backlog is not known", metadata: ["error": "\(error)"])
        }
    }
}
