package import Cryptography
import Encodings
package import StateTokens

/// A message that waits in the outbox, or that was given up.
package struct WebhookMessage: Sendable, Hashable {
    /// Sent as `webhook-id`, the same for each attempt.
    package let id: String
    package let target: WebhookTarget
    /// What it is about, a connection or a flow: messages about one subject are sent in order.
    package let subject: String
    package let type: String
    /// The JSON text that is sent.
    package let body: String
    let created: DatabaseTime
    /// How often it was taken to be sent.
    package internal(set) var attemptCount: Int
    /// When it is due; `nil` once it was given up.
    var next: DatabaseTime?
    var owner: LeaseOwner?
    /// Why the last attempt failed: a status or a code of ours.
    package internal(set) var lastError: String?
    /// Of the span that made the change, if its trace is recorded (W3C Trace Context).
    package let traceparent: String?

    package var createdAt: Timestamp { created.timestamp }
    package var isDead: Bool { next == nil }
    package var nextAt: Timestamp? { next?.timestamp }
}

extension WebhookMessage {
    /// The columns of the table `webhook_messages`, beside the number that orders it.
    static let columns: [StoredColumn] = [
        StoredColumn("id", .text), StoredColumn("workspace_id", .text), StoredColumn("url", .text),
        StoredColumn("subject", .text), StoredColumn("type", .text), StoredColumn("body", .text),
        StoredColumn("created_at_ms", .integer), StoredColumn("attempts", .integer),
        StoredColumn("next_at_ms", .integer), StoredColumn("owner", .octets),
        StoredColumn("last_error", .text), StoredColumn("traceparent", .text),
    ]

    var values: [StoredValue] {
        [
            .text(id), .text(target.workspaceID), .text(target.url), .text(subject), .text(type), .text(body),
            .integer(created.millisecondsSinceEpoch), .integer(Int64(attemptCount)),
            .optional(next?.millisecondsSinceEpoch), .optional(owner?.octets), .optional(lastError),
            .optional(traceparent),
        ]
    }

    init(_ row: inout ColumnReader) throws(RowFault) {
        let id = try row.text()
        let workspaceID = try row.text()
        let url = try row.text()
        let subject = try row.text()
        let type = try row.text()
        let body = try row.text()
        let created = try row.integer(in: Connection.moments)
        let attemptCount = try row.integer(in: 0...1_000_000)
        let next = try row.optionalInteger(in: Connection.moments)
        let owner = try row.optionalOctets()
        let lastError = try row.optionalText()
        let traceparent = try row.optionalText()
        self.init(
            id: id, target: WebhookTarget(workspaceID: workspaceID, url: url), subject: subject, type: type,
            body: body, created: DatabaseTime(millisecondsSinceEpoch: created),
            attemptCount: Int(attemptCount), next: next.map { DatabaseTime(millisecondsSinceEpoch: $0) },
            owner: owner.flatMap { LeaseOwner(octets: $0) }, lastError: lastError, traceparent: traceparent)
    }

    /// The value of one column in a row that cannot be read as a whole.
    static func value(_ column: String, in values: [StoredValue]) -> StoredValue? {
        zip(columns, values).first { $0.0.name == column }?.1
    }

    static func text(_ column: String, in values: [StoredValue]) -> String? {
        value(column, in: values)?.string
    }

    /// An id that no other message has.
    package static func makeID() throws(CryptographyError) -> String {
        let octets = try RandomBytes.make(count: 16)
        return "msg_" + Base64URL.encode(octets.span)
    }
}

// MARK: What is sent

extension WebhookType {
    /// `{type, timestamp, data: {connection, reason, tags}}`, without any credential.
    /// - Parameter connection: `nil` for a row that could not be read.
    func body(
        _ connection: Connection?, _ id: ConnectionID, workspaceID: String, reason: String?,
        at time: Timestamp
    ) -> String {
        message(at: time) { data in
            data.object("connection") { members in
                if let connection {
                    connection.write(to: &members, scopesMissing: nil, at: time)
                } else {
                    members.member("id", id.description)
                    members.member("workspace_id", workspaceID)
                }
            }
            data.member("reason", reason)
            data.object("tags") { members in
                for (name, value) in (connection?.tags ?? [:]).sorted(by: { $0.key < $1.key }) {
                    members.member(name, value)
                }
            }
        }
    }

    /// `{type, timestamp, data: {flow, reason, tags}}`.
    func body(_ id: FlowID, _ flow: FlowSubject, reason: String, at time: Timestamp) -> String {
        message(at: time) { data in
            data.object("flow") { members in
                members.member("id", id.description)
                members.member("workspace_id", flow.workspaceID)
                members.member("user_id", flow.userID)
                members.member("integration", flow.integrationID)
                members.member("label", flow.label)
            }
            data.member("reason", reason)
            data.object("tags") { members in
                for (name, value) in flow.tags.sorted(by: { $0.key < $1.key }) { members.member(name, value) }
            }
        }
    }

    private func message(
        at time: Timestamp, _ write: (inout JSONOutput.Members) -> Void
    ) -> String {
        let octets = JSONOutput.object(capacity: 1024) { members in
            members.member("type", rawValue)
            members.member("timestamp", time.rfc3339)
            members.object("data") { write(&$0) }
        }
        return String(decoding: octets, as: UTF8.self)
    }
}
