import StateTokens

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
        _ publisher: WebhookPublisher, body: (Timestamp) -> String
    ) throws {
        let targets = publisher.subscriptions.targets(of: type, in: workspaceID)
        guard !targets.isEmpty else { return }
        let now = try self.now()
        let text = body(now.timestamp)
        for target in targets {
            let message = WebhookMessage(
                id: try WebhookMessage.makeID(), target: target, subject: subject, type: type.rawValue,
                body: text, created: now, attemptCount: 0, next: now, owner: nil, lastError: nil,
                traceparent: publisher.traceparent)
            let columns = WebhookMessage.columns
            try write(
                """
                INSERT INTO webhook_messages (\(columns.map(\.name).joined(separator: ", ")))
                VALUES (\((1...columns.count).map { "?\($0)" }.joined(separator: ", ")))
                """, message.values)
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
