import StateTokens

/// Messages for apps, written in the transaction of the change that they tell of, and sent at least once.
///
/// Messages about one subject go to one target in the order of the changes: only the first of them is ever taken. A
/// message that was taken is due again when its lease is over, so that no replica that dies keeps it.
package protocol WebhookOutbox: Sendable {
    /// Targets that have a message to be sent now, 4096 at most, the one that waits longest first.
    func dueWebhookTargets() async throws(StoreError) -> [WebhookTarget]

    /// Takes messages that are due, at most one for each subject, and puts them off until `lease` is over.
    ///
    /// A row that cannot be read is given up, so that those after it go on.
    func takeWebhooks(
        for target: WebhookTarget, owner: LeaseOwner, lease: Duration, limit: Int
    ) async throws(StoreError) -> WebhookBatch

    /// Deletes a message that was delivered.
    /// - Returns: `false` if another took it meanwhile, who sends it again.
    func webhookDelivered(_ id: String, owner: LeaseOwner) async throws(StoreError) -> Bool

    /// Puts off a message that was not delivered.
    /// - Parameter delay: `nil` gives it up; it stays in the list of dead messages, and those after it go on.
    /// - Returns: as for `webhookDelivered`.
    func webhookFailed(
        _ id: String, owner: LeaseOwner, error: String, delay: Duration?
    ) async throws(StoreError) -> Bool

    /// The oldest messages first, and among them the rows that cannot be read.
    /// - Parameter workspaceID: `nil` for all workspaces.
    func listWebhooks(
        workspaceID: String?, areDead: Bool?, limit: Int
    ) async throws(StoreError) -> [Result<WebhookMessage, UnreadableWebhook>]

    /// Makes a message due now, as if it had never been tried.
    ///
    /// In a row that cannot be read, the times and counts that earlier attempts left are reset, which is all that some need.
    func replayWebhook(_ reference: WebhookReference) async throws(StoreError) -> WebhookReplay

    /// Deletes a message that was given up, or whose row cannot be read.
    func dropWebhook(_ reference: WebhookReference) async throws(StoreError) -> WebhookDrop

    /// Notes, for each grant once, that only its user can renew it and that it ends within
    /// ``ConnectionEvent/reauthorizationNotice``: in its events, and to those that want to be told.
    /// - Returns: how many were noted, `limit` at most.
    func announceReauthorizations(limit: Int) async throws(StoreError) -> Int

    /// Enqueues the webhook about each flow that failed without an end, once: its owner died, or its codes were all
    /// rejected or given back and its state has expired.
    /// - Returns: how many there were, `limit` at most.
    func announceAbandonedFlows(limit: Int) async throws(StoreError) -> Int

    func webhookBacklog() async throws(StoreError) -> WebhookBacklog

    /// Deletes dead messages that are older than ``WebhookBacklog/retention``, and says how many.
    ///
    /// What is to be sent later than ``WebhookBacklog/longestDelay`` from now is due at once: no back-off is that long, so the
    /// row was damaged or the database's clock was wrong. So is what was written or taken while that clock was ahead.
    func purgeWebhooks(limit: Int) async throws(StoreError) -> Int
}

/// Messages that were taken to be sent.
package struct WebhookBatch: Sendable, Hashable {
    package let messages: [WebhookMessage]
    /// Rows among them that cannot be read; they were given up.
    package let unreadable: [UnreadableWebhook]

    package var isEmpty: Bool { messages.isEmpty && unreadable.isEmpty }
}

/// A row of the outbox that cannot be read.
package struct UnreadableWebhook: Error, Hashable {
    /// The column `number` of the table `webhook_messages`.
    package let number: Int64
    /// `nil` if that cannot be read either.
    package let workspaceID: String?
    /// Whether it was given up, as it is when it would have been sent.
    package let isDead: Bool
    package let fault: RowFault
}

/// Names a message: by its id, or by its row where that cannot be read, as `row-17`.
package enum WebhookReference: Sendable, Hashable {
    case id(String)
    case row(Int64)

    private static let rowPrefix = "row-"

    package init(_ text: String) {
        let number = text.hasPrefix(Self.rowPrefix) ? Int64(text.dropFirst(Self.rowPrefix.count)) : nil
        self = number.map { .row($0) } ?? .id(text)
    }
}

extension WebhookReference: CustomStringConvertible {
    package var description: String {
        switch self {
        case .id(let id): id
        case .row(let number): "\(Self.rowPrefix)\(number)"
        }
    }
}

extension UnreadableWebhook {
    package var reference: WebhookReference { .row(number) }
}

/// What became of a message that was to be sent again.
package enum WebhookReplay: Sendable, Hashable {
    case due
    case notFound
    /// It stays given up.
    case unreadable(RowFault)
}

/// What became of a message that was to be deleted.
package enum WebhookDrop: Sendable, Hashable {
    case dropped
    case notFound
    /// It was not given up, and is still to be sent.
    case waiting
}

extension WebhookOutbox {
    /// Those of ``listWebhooks(workspaceID:areDead:limit:)`` that can be read.
    package func webhooks(
        workspaceID: String?, areDead: Bool?, limit: Int
    ) async throws(StoreError) -> [WebhookMessage] {
        var messages: [WebhookMessage] = []
        for row in try await listWebhooks(workspaceID: workspaceID, areDead: areDead, limit: limit) {
            if case .success(let message) = row { messages.append(message) }
        }
        return messages
    }
}

/// How much waits to be sent.
package struct WebhookBacklog: Sendable, Hashable {
    /// How long dead messages can be replayed.
    package static let retention = Duration.seconds(30 * 86_400)
    /// Longer than any pause between two attempts.
    package static let longestDelay = Duration.seconds(7 * 86_400)
    /// Longer than any message is held by one who sends it.
    static let longestLease = Duration.seconds(600)

    package let waitingCount: Int
    package let deadCount: Int
    /// How long the oldest message that is not dead has been waiting.
    package let oldest: Duration
}
