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

/// Of those about its subject that are not dead, the message is the first.
private let isFirst = """
    NOT EXISTS (
        SELECT 1 FROM webhook_messages AS earlier
        WHERE earlier.workspace_id = webhook_messages.workspace_id AND earlier.url = webhook_messages.url
            AND earlier.subject = webhook_messages.subject AND earlier.next_at_ms IS NOT NULL
            AND earlier.number < webhook_messages.number)
    """

/// `?1` is the time, `?2` any number: that there is a limit keeps SQLite from reading every message, due or not, by its
/// target.
package let dueTargets = """
    SELECT workspace_id, url FROM (
        SELECT workspace_id, url, next_at_ms FROM webhook_messages
        WHERE next_at_ms <= ?1 AND \(isFirst) ORDER BY next_at_ms LIMIT ?2) AS due
    GROUP BY workspace_id, url ORDER BY min(next_at_ms) LIMIT 4096
    """

/// A renewed grant has another end, and is announced again; an end that a provider tells in seconds from now may come out
/// a little later each time, and is the same one. A number below zero is the time, negated, before which an end that
/// refreshing moves is not announced.
///
/// - Parameter now: the parameter that has the time.
private func isNotAnnounced(at now: String) -> String {
    """
    (reauthorize_announced_s IS NULL
        OR reauthorize_announced_s < 0 AND -reauthorize_announced_s <= \(now)
        OR reauthorize_announced_s >= 0 AND abs(reauthorize_by_s - reauthorize_announced_s) > 3600)
    """
}

/// Goes from workspace to workspace, and in each by the index over workspace and end: ends are in no index alone.
package let reauthorizationsToAnnounce = """
    WITH RECURSIVE workspaces(id) AS (
        SELECT min(workspace_id) FROM connections WHERE reauthorize_by_s IS NOT NULL
        UNION ALL
        SELECT (SELECT min(workspace_id) FROM connections
                WHERE workspace_id > workspaces.id AND reauthorize_by_s IS NOT NULL)
        FROM workspaces WHERE workspaces.id IS NOT NULL)
    SELECT connections.id, connections.workspace_id FROM workspaces
    JOIN connections ON connections.workspace_id = workspaces.id
    WHERE reauthorize_by_s > ?1 AND reauthorize_by_s <= ?2 AND status IN ('active', 'error')
        AND \(isNotAnnounced(at: "?1"))
    ORDER BY connections.workspace_id, reauthorize_by_s LIMIT ?3
    """

extension TransactionalStore {
    package func dueWebhookTargets() async throws(StoreError) -> [WebhookTarget] {
        try await read { transaction in
            try transaction.rows(
                dueTargets, [.integer(try transaction.now().millisecondsSinceEpoch), .integer(.max)]
            ).compactMap { values -> WebhookTarget? in
                guard values.count == 2, let workspaceID = values[0].string, let url = values[1].string
                else { return nil }
                return WebhookTarget(workspaceID: workspaceID, url: url)
            }
        }
    }

    package func takeWebhooks(
        for target: WebhookTarget, owner: LeaseOwner, lease: Duration, limit: Int
    ) async throws(StoreError) -> WebhookBatch {
        try await write { transaction in
            let now = try transaction.now()
            let found = try transaction.listed(
                """
                WHERE workspace_id = ?1 AND url = ?2 AND next_at_ms <= ?3 AND \(isFirst)
                ORDER BY number LIMIT ?4\(transaction.skippingLocked)
                """,
                [
                    .text(target.workspaceID), .text(target.url), .integer(now.millisecondsSinceEpoch),
                    .integer(Int64(max(limit, 0))),
                ])
            var messages: [WebhookMessage] = []
            var unreadable: [UnreadableWebhook] = []
            for row in found {
                switch row {
                case .success(var message):
                    message.attemptCount += 1
                    message.next = now + lease
                    message.owner = owner
                    try transaction.update(message)
                    messages.append(message)
                case .failure(let row):
                    try transaction.giveUp(row)
                    unreadable.append(row)
                }
            }
            return WebhookBatch(messages: messages, unreadable: unreadable)
        }
    }

    package func webhookDelivered(_ id: String, owner: LeaseOwner) async throws(StoreError) -> Bool {
        try await write { transaction in
            guard let message = try transaction.message(id), message.owner == owner else { return false }
            _ = try transaction.run("DELETE FROM webhook_messages WHERE id = ?1", [.text(id)])
            try transaction.setNext(after: message, to: try transaction.now())
            return true
        }
    }

    package func webhookFailed(
        _ id: String, owner: LeaseOwner, error: String, delay: Duration?
    ) async throws(StoreError) -> Bool {
        try await write { transaction in
            guard var message = try transaction.message(id), message.owner == owner else { return false }
            message.owner = nil
            message.lastError = error
            let now = try transaction.now()
            message.next = delay.map { now + $0 }
            try transaction.update(message)
            try transaction.setNext(after: message, to: message.next ?? now)
            return true
        }
    }

    package func listWebhooks(
        workspaceID: String?, areDead: Bool?, limit: Int
    ) async throws(StoreError) -> [Result<WebhookMessage, UnreadableWebhook>] {
        let state =
            switch areDead {
            case true?: "next_at_ms IS NULL"
            case false?: "next_at_ms IS NOT NULL"
            case nil: "number > 0"
            }
        return try await read { transaction in
            guard let workspaceID else {
                return try transaction.listed(
                    "WHERE \(state) ORDER BY number LIMIT ?1", [.integer(Int64(max(limit, 0)))])
            }
            guard workspaceID.isStorable else { return [] }
            return try transaction.listed(
                "WHERE \(state) AND workspace_id = ?1 ORDER BY number LIMIT ?2",
                [.text(workspaceID), .integer(Int64(max(limit, 0)))])
        }
    }

    package func replayWebhook(
        _ reference: WebhookReference
    ) async throws(StoreError) -> WebhookReplay {
        try await write { transaction in
            switch try transaction.row(reference) {
            case nil: return .notFound
            case .success(var message):
                message.owner = nil
                message.attemptCount = 0
                message.next = try transaction.now()
                try transaction.update(message)
                return .due
            case .failure(let row):
                try transaction.restart(row)
                guard case .failure(let row)? = try transaction.row(row.reference) else { return .due }
                try transaction.giveUp(row)
                return .unreadable(row.fault)
            }
        }
    }

    package func dropWebhook(_ reference: WebhookReference) async throws(StoreError) -> WebhookDrop {
        try await write { transaction in
            switch try transaction.row(reference) {
            case nil: return .notFound
            case .success(let message):
                guard message.isDead else { return .waiting }
                _ = try transaction.run("DELETE FROM webhook_messages WHERE id = ?1", [.text(message.id)])
            case .failure(let row):
                _ = try transaction.run(
                    "DELETE FROM webhook_messages WHERE number = ?1", [.integer(row.number)])
            }
            return .dropped
        }
    }

    package func announceReauthorizations(limit: Int) async throws(StoreError) -> Int {
        // Usually there is nothing to announce, and looking takes no lock.
        let due = try await read { transaction in
            let now = try transaction.now().timestamp
            let end = now + ConnectionEvent.reauthorizationNotice
            return try transaction.rows(
                reauthorizationsToAnnounce,
                [
                    .integer(now.secondsSinceEpoch), .integer(end.secondsSinceEpoch),
                    .integer(Int64(max(limit, 0))),
                ]
            ).compactMap { values -> (id: String, workspaceID: String)? in
                guard values.count == 2, let id = values[0].string, let workspaceID = values[1].string
                else { return nil }
                return (id, workspaceID)
            }
        }
        guard !due.isEmpty else { return 0 }
        return try await write { [subscriptions] transaction in
            var count = 0
            for row in due {
                if try transaction.announceReauthorization(row.id, row.workspaceID, subscriptions) {
                    count += 1
                }
            }
            return count
        }
    }

    package func webhookBacklog() async throws(StoreError) -> WebhookBacklog {
        try await read { transaction in
            let values =
                try transaction.rows(
                    """
                    SELECT count(next_at_ms), count(*) - count(next_at_ms),
                        (SELECT created_at_ms FROM webhook_messages WHERE next_at_ms IS NOT NULL
                            ORDER BY number LIMIT 1)
                    FROM webhook_messages
                    """, []
                ).first ?? []
            let numbers = values.map { value -> Int64? in
                if case .integer(let number) = value { number } else { nil }
            }
            let now = try transaction.now()
            let oldest = numbers.count > 2 ? numbers[2] : nil
            return WebhookBacklog(
                waitingCount: Int((numbers.first ?? nil) ?? 0),
                deadCount: Int((numbers.count > 1 ? numbers[1] : nil) ?? 0),
                oldest: oldest.map { now.remaining(at: DatabaseTime(millisecondsSinceEpoch: $0)) } ?? .zero)
        }
    }

    package func purgeWebhooks(limit: Int) async throws(StoreError) -> Int {
        try await write { transaction in
            let now = try transaction.now()
            let latest = now + WebhookBacklog.longestDelay
            _ = try transaction.run(
                """
                UPDATE webhook_messages SET next_at_ms = ?1 WHERE next_at_ms > ?2
                    AND (next_at_ms > ?3 OR owner IS NOT NULL OR created_at_ms > ?2)
                """,
                [
                    .integer(now.millisecondsSinceEpoch),
                    .integer((now + WebhookBacklog.longestLease).millisecondsSinceEpoch),
                    .integer(latest.millisecondsSinceEpoch),
                ])
            let end = now + (Duration.zero - WebhookBacklog.retention)
            return try transaction.run(
                """
                DELETE FROM webhook_messages WHERE number IN (
                    SELECT number FROM webhook_messages WHERE next_at_ms IS NULL AND created_at_ms <= ?1
                    ORDER BY number LIMIT ?2)
                """, [.integer(end.millisecondsSinceEpoch), .integer(Int64(max(limit, 0)))])
        }
    }
}

extension StoreTransaction {
    /// Writes a message for each target that wants it.
    func enqueue(
        _ type: WebhookType, in workspaceID: String, about subject: String,
        _ subscriptions: WebhookSubscriptions, body: (Timestamp) -> String
    ) throws {
        let targets = subscriptions.targets(of: type, in: workspaceID)
        guard !targets.isEmpty else { return }
        let now = try self.now()
        let text = body(now.timestamp)
        for target in targets {
            let message = WebhookMessage(
                id: try WebhookMessage.makeID(), target: target, subject: subject, type: type.rawValue,
                body: text, created: now, attemptCount: 0, next: now, owner: nil, lastError: nil)
            let columns = WebhookMessage.columns
            _ = try run(
                """
                INSERT INTO webhook_messages (\(columns.map(\.name).joined(separator: ", ")))
                VALUES (\((1...columns.count).map { "?\($0)" }.joined(separator: ", ")))
                """, message.values)
        }
    }

    /// Notes how a grant's end, which is new, is to be announced.
    ///
    /// - Parameter moves: whether refreshing moves it. Then it is announced when four fifths of the time are over, by
    ///   when the sweep would have moved it.
    func noteEnd(of connection: Connection, moves: Bool) throws {
        guard moves else {
            _ = try run(
                "UPDATE connections SET reauthorize_announced_s = NULL WHERE id = ?1 AND reauthorize_announced_s < 0",
                [.text(connection.id.description)])
            return
        }
        guard let end = connection.reauthorizeBy else { return }
        let now = try self.now().timestamp
        let due = now.secondsSinceEpoch + max(0, end.seconds(since: now)) / 5 * 4
        _ = try run(
            "UPDATE connections SET reauthorize_announced_s = ?2 WHERE id = ?1",
            [.text(connection.id.description), .integer(-due)])
    }

    /// - Returns: `false` if another replica was faster, or the row cannot be read.
    fileprivate func announceReauthorization(
        _ id: String, _ workspaceID: String, _ subscriptions: WebhookSubscriptions
    ) throws -> Bool {
        let isFirst =
            try run(
                """
                UPDATE connections SET reauthorize_announced_s = reauthorize_by_s
                WHERE id = ?1 AND workspace_id = ?2 AND \(isNotAnnounced(at: "?3"))
                """,
                [.text(id), .text(workspaceID), .integer(try now().timestamp.secondsSinceEpoch)]) == 1
        guard isFirst, let connectionID = ConnectionID(id) else { return false }
        do {
            guard let connection = try self.connection(connectionID, workspaceID: workspaceID) else {
                return false
            }
            try note(
                .reauthorizeSoon, of: connectionID, workspaceID: workspaceID,
                EventNote(detail: connection.reauthorizeBy.map { "the grant ends at \($0.rfc3339)" }),
                connection, subscriptions)
            return true
        } catch StoreError.unreadable {
            return false
        }
    }

    /// - Returns: `nil` also for a row that cannot be read.
    fileprivate func message(_ id: String) throws -> WebhookMessage? {
        if case .success(let message)? = try row(.id(id)) { message } else { nil }
    }

    fileprivate func row(
        _ reference: WebhookReference
    ) throws -> Result<WebhookMessage, UnreadableWebhook>? {
        switch reference {
        case .id(let id):
            guard id.isStorable else { return nil }
            return try listed("WHERE id = ?1\(locking)", [.text(id)]).first
        case .row(let number):
            return try listed("WHERE number = ?1\(locking)", [.integer(number)]).first
        }
    }

    /// Resets what attempts leave in a row, and nothing of what is sent.
    fileprivate func restart(_ row: UnreadableWebhook) throws {
        _ = try run(
            """
            UPDATE webhook_messages SET attempts = 0, next_at_ms = ?2, owner = NULL, last_error = NULL,
                created_at_ms = CASE WHEN created_at_ms BETWEEN ?3 AND ?4 THEN created_at_ms ELSE ?2 END
            WHERE number = ?1
            """,
            [
                .integer(row.number), .integer(try now().millisecondsSinceEpoch),
                .integer(Connection.moments.lowerBound), .integer(Connection.moments.upperBound),
            ])
    }

    fileprivate func listed(
        _ condition: String, _ values: [StoredValue]
    ) throws -> [Result<WebhookMessage, UnreadableWebhook>] {
        let columns = WebhookMessage.columns
        let selection = selection(columns, of: "webhook_messages")
        return try rows(
            "SELECT \(selection), webhook_messages.number FROM webhook_messages \(condition)", values
        ).map { values -> Result<WebhookMessage, UnreadableWebhook> in
            var reader = ColumnReader(columns, values)
            do throws(RowFault) {
                return .success(try WebhookMessage(&reader))
            } catch {
                guard case .integer(let number)? = values.last else { throw StoreError.unreadable(error) }
                return .failure(
                    UnreadableWebhook(
                        number: number, workspaceID: WebhookMessage.text("workspace_id", in: values),
                        isDead: WebhookMessage.value("next_at_ms", in: values) == .null, fault: error))
            }
        }
    }

    /// Lets the messages after a row that cannot be read go on without it.
    fileprivate func giveUp(_ row: UnreadableWebhook) throws {
        _ = try run(
            """
            UPDATE webhook_messages SET next_at_ms = NULL, owner = NULL, last_error = ?2 WHERE number = ?1
            """, [.integer(row.number), .text("unreadable: \(row.fault)")])
    }

    /// Puts off those that wait for a message, or lets them go on: what cannot be sent yet is not looked at each second.
    fileprivate func setNext(after message: WebhookMessage, to time: DatabaseTime) throws {
        _ = try run(
            """
            UPDATE webhook_messages SET next_at_ms = ?4
            WHERE workspace_id = ?1 AND url = ?2 AND subject = ?3 AND next_at_ms IS NOT NULL
                AND owner IS NULL AND number > (
                SELECT coalesce(max(number), 0) FROM webhook_messages WHERE id = ?5)
            """,
            [
                .text(message.target.workspaceID), .text(message.target.url), .text(message.subject),
                .integer(time.millisecondsSinceEpoch), .text(message.id),
            ])
    }

    fileprivate func update(_ message: WebhookMessage) throws {
        _ = try run(
            """
            UPDATE webhook_messages SET attempts = ?2, next_at_ms = ?3, owner = ?4, last_error = ?5
            WHERE id = ?1
            """,
            [
                .text(message.id), .integer(Int64(message.attemptCount)),
                .optional(message.next?.millisecondsSinceEpoch), .optional(message.owner?.octets),
                .optional(message.lastError),
            ])
    }
}
