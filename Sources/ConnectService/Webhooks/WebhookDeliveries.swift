package import Connections
internal import Cryptography
package import Logging
package import Metrics
package import OAuth
internal import StateTokens
internal import Synchronization
internal import Tracing

/// Sends the messages of the outbox, as long as it runs: each at least once, those about one subject in order.
///
/// Each target has a task of its own, and few requests at once: one that is slow or down delays no other. All targets
/// together have a bounded number, of which no one takes more than a quarter of what is left.
package struct WebhookDeliveries<Outbox: WebhookOutbox>: Sendable {
    package typealias Send = @Sendable (ProviderRequest) async -> WebhookResult

    /// Longer than sending and noting the result can take.
    private static var lease: Duration { .seconds(60) }
    /// How long another replica may have newer settings: then its endpoints are not given up by this one.
    private static var grace: Duration { .seconds(3_600) }
    /// How many messages are sent to one target at once, at most.
    private static var batch: Int { 8 }
    /// How many are sent at once in all.
    package static var defaultConcurrency: Int { 64 }

    private let outbox: Outbox
    private let endpoints: WebhookEndpoints
    private let send: Send
    private let concurrency: Int
    private let metrics: any MetricsFactory
    private let logger: Logger
    private let outage: StoreOutageLog

    /// - Parameters:
    ///   - concurrency: how many messages this replica sends at once.
    ///   - send: sends a request once, in bounded time, and follows no redirect.
    package init(
        _ outbox: Outbox, to endpoints: WebhookEndpoints, concurrency: Int = defaultConcurrency,
        metrics: any MetricsFactory = MetricsSystem.factory, logger: Logger, send: @escaping Send
    ) {
        precondition(concurrency > 0, "a replica needs room for a webhook")
        self.concurrency = concurrency
        self.outbox = outbox
        self.endpoints = endpoints
        self.send = send
        self.metrics = metrics
        self.logger = logger
        outage = StoreOutageLog(logger, waiting: "webhooks")
    }

    /// Runs until its task is cancelled. What is being sent then is sent to its end.
    package func run(every interval: Duration = .seconds(1)) async {
        let busy = BusyTargets(capacity: concurrency, share: Self.batch)
        await withDiscardingTaskGroup { group in
            var rounds = 0
            var unknown: [WebhookTarget: ContinuousClock.Instant] = [:]
            while !Task.isCancelled {
                let targets = await due()
                unknown = unknown.filter { targets.contains($0.key) }
                for target in targets {
                    if !endpoints.contains(target) {
                        let since = unknown[target] ?? .now
                        unknown[target] = since
                        guard since.duration(to: .now) >= Self.grace else { continue }
                    }
                    guard let room = busy.begin(target) else { continue }
                    group.addTask {
                        await deliver(to: target, limit: room) { !busy.isWaitedFor }
                        busy.end(target)
                    }
                }
                if rounds.isMultiple(of: 30) { await runMaintenance() }
                rounds += 1
                await pause(interval)
            }
        }
    }

    /// Sends what is due to a target, until nothing is due or a whole batch has failed.
    ///
    /// - Parameters:
    ///   - limit: how many at once; `nil`: as many as one target may have.
    ///   - goesOn: whether there may be another batch.
    package func deliver(
        to target: WebhookTarget, limit: Int? = nil, while goesOn: @Sendable () -> Bool = { true }
    ) async {
        while !Task.isCancelled {
            do {
                let owner = try LeaseOwner.random()
                let batch = try await outbox.takeWebhooks(
                    for: target, owner: owner, lease: Self.lease, limit: limit ?? Self.batch)
                guard !batch.isEmpty else { return }
                for row in batch.unreadable { note(row, target) }
                // Goes on to its end when the service stops: what was sent is noted.
                let count = await Task { await deliver(batch.messages, to: target, owner) }.value
                guard count > 0 || !batch.unreadable.isEmpty, goesOn() else { return }
            } catch {
                logger.warning(
                    "webhooks could not be taken from the store; trying again",
                    metadata: ["workspace_id": "\(target.workspaceID)", "error": "\(error)"])
                return
            }
        }
    }

    private func note(_ row: UnreadableWebhook, _ target: WebhookTarget) {
        count("dead")
        logger.error(
            "a stored webhook cannot be read, and was given up",
            metadata: [
                "number": "\(row.number)", "workspace_id": "\(target.workspaceID)", "error": "\(row.fault)",
            ])
    }

    /// - Returns: How many were delivered.
    private func deliver(
        _ messages: [WebhookMessage], to target: WebhookTarget, _ owner: LeaseOwner
    ) async -> Int {
        await withTaskGroup(of: Bool.self) { group in
            for message in messages {
                group.addTask { await deliver(message, to: target, owner) }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
    }

    private func deliver(
        _ message: WebhookMessage, to target: WebhookTarget, _ owner: LeaseOwner
    ) async -> Bool {
        let result = await result(of: message, to: target)
        do throws(StoreError) {
            switch result {
            case .delivered:
                _ = try await outbox.webhookDelivered(message.id, owner: owner)
                count("delivered")
                return true
            case .failed(let error):
                let delay = endpoints.contains(target) ? Self.delay(after: message.attemptCount) : nil
                _ = try await outbox.webhookFailed(message.id, owner: owner, error: error, delay: delay)
                count(delay == nil ? "dead" : "failed")
                logger.warning(
                    delay == nil
                        ? "a webhook was given up" : "a webhook was not delivered, and is tried again",
                    metadata: [
                        "webhook_id": "\(message.id)", "workspace_id": "\(target.workspaceID)",
                        "error": "\(error)", "attempt": "\(message.attemptCount)",
                    ])
                return false
            }
        } catch {
            // Its lease runs out, and it is sent again: delivery is at least once.
            logger.warning(
                "the result of a webhook could not be stored; it is sent again",
                metadata: ["webhook_id": "\(message.id)", "error": "\(error)"])
            return false
        }
    }

    private func result(of message: WebhookMessage, to target: WebhookTarget) async -> WebhookResult {
        guard endpoints.contains(target) else { return .failed("endpoint_not_configured") }
        guard let secrets = await endpoints.secrets(of: target) else { return .failed("secret_unreadable") }
        guard
            let request = ProviderRequest.webhook(
                id: message.id, body: message.body, to: target.url, secrets: secrets, at: .now())
        else { return .failed("not_signed") }
        return await ServiceContext.withValue(.delivering(message)) { await send(request) }
    }

    /// After which time a message that failed for the nth time is tried again, over three days; then it is given up.
    package static func delay(after attempts: Int) -> Duration? {
        let seconds = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 72_000]
        guard seconds.indices.contains(attempts - 1) else { return nil }
        return .seconds(seconds[attempts - 1])
    }

    // MARK: Housekeeping

    private func due() async -> [WebhookTarget] {
        do throws(StoreError) {
            let targets = try await outbox.dueWebhookTargets()
            outage.reached()
            return targets
        } catch {
            outage.failed(error)
            return []
        }
    }

    /// Deletes what is old, announces what ends soon, and shows how much waits.
    package func runMaintenance() async {
        do throws(StoreError) {
            _ = try await outbox.purgeWebhooks(limit: 500)
            _ = try await outbox.announceReauthorizations(limit: 500)
            let abandoned = try await outbox.announceAbandonedFlows(limit: 500)
            if abandoned > 0 {
                logger.warning(
                    "nothing came of flows that had been claimed: apps are told",
                    metadata: ["count": "\(abandoned)"])
            }
            let backlog = try await outbox.webhookBacklog()
            gauge(.webhookBacklog, Double(backlog.waitingCount))
            gauge(.webhooksDead, Double(backlog.deadCount))
            gauge(.webhookOldest, Double(backlog.oldest.components.seconds))
        } catch {
            logger.warning("webhooks were not looked after; trying again", metadata: ["error": "\(error)"])
        }
    }

    private func count(_ outcome: String) {
        metrics.makeCounter(label: ServiceMetric.webhooks.rawValue, dimensions: [("outcome", outcome)])
            .increment(by: 1)
    }

    private func gauge(_ name: ServiceMetric, _ value: Double) {
        metrics.makeMeter(label: name.rawValue, dimensions: []).set(value)
    }
}

/// The targets that this replica is sending to, and how many messages each may send at once.
private final class BusyTargets: Sendable {
    private struct State {
        var room: [WebhookTarget: Int] = [:]
        var free: Int
        /// A target was turned away since another one ended.
        var isWaitedFor = false
    }

    private let state: Mutex<State>
    private let share: Int

    /// - Parameters:
    ///   - capacity: of all targets together.
    ///   - share: the most that one gets.
    init(capacity: Int, share: Int) {
        state = Mutex(State(free: capacity))
        self.share = share
    }

    /// Whether a target has no room because of those that are being sent to.
    var isWaitedFor: Bool { state.withLock(\.isWaitedFor) }

    /// - Returns: `nil` if it is one of them already, or if there is no room.
    func begin(_ target: WebhookTarget) -> Int? {
        state.withLock { state in
            guard state.room[target] == nil else { return nil }
            guard state.free > 0 else {
                state.isWaitedFor = true
                return nil
            }
            // Targets that hang must leave room for those that do not.
            let room = min(share, max(1, state.free / 4))
            state.free -= room
            state.room[target] = room
            return room
        }
    }

    func end(_ target: WebhookTarget) {
        state.withLock { state in
            state.free += state.room.removeValue(forKey: target) ?? 0
            state.isWaitedFor = false
        }
    }
}
