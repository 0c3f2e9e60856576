internal import Access
package import ConnectService
package import Connections
internal import Encodings
internal import Hummingbird
package import StateTokens

/// What a process knows of itself, for `GET /api/v1/deployment`.
package struct DeploymentFacts: Sendable {
    /// A setting as it was when the process began, which is how it is in force.
    package struct Setting: Sendable {
        let name: String
        let value: String
        let source: String

        /// - Parameter value: as people may see it, so without a secret.
        package init(name: String, value: String, source: String) {
            self.name = name
            self.value = value
            self.source = source
        }
    }

    let version: String
    let replica: String
    let startedAt: Timestamp
    let settings: [Setting]
    let outbox: (any WebhookOutbox)?
    let logLevels: LogLevels
    let activity: ActivityRecord

    /// - Parameters:
    ///   - replica: what tells this process from others: its machine's name and its number there.
    ///   - outbox: `nil` without a store.
    ///   - logLevels: those of its loggers.
    ///   - activity: what it counts.
    package init(
        version: String, replica: String, startedAt: Timestamp = .now(), settings: [Setting],
        outbox: (any WebhookOutbox)?, logLevels: LogLevels, activity: ActivityRecord
    ) {
        self.version = version
        self.replica = replica
        self.startedAt = startedAt
        self.settings = settings
        self.outbox = outbox
        self.logLevels = logLevels
        self.activity = activity
    }
}

/// `GET /api/v1/deployment`: the replica that responds, its keys with their schedule, what waits in the outbox, and the
/// configuration in force. For `operate`, since it is about no workspace; never key material, a secret or a message's body.
struct DeploymentRoute<Store: ConnectionStore>: Sendable {
    /// So many dead letters are listed, the oldest.
    private static var deadLetterCount: Int { 50 }

    private let facts: DeploymentFacts
    private let readiness: Readiness<Store>
    private let settings: ServiceSettings
    private let authenticator: Authenticator
    private let isDevelopment: Bool

    init(
        _ facts: DeploymentFacts, _ readiness: Readiness<Store>, settings: ServiceSettings,
        authenticator: Authenticator, isDevelopment: Bool
    ) {
        self.facts = facts
        self.readiness = readiness
        self.settings = settings
        self.authenticator = authenticator
        self.isDevelopment = isDevelopment
    }

    func show(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try await authenticator.authenticate(request, .operate, context)
        let report = await readiness.report()
        let webhooks = try await webhooks(isStoreUp: report.isStoreUp == true)
        let schedules = readiness.schedules()
        return .json(capacity: 8192) { answer in
            answer.member("version", facts.version)
            answer.member("replica", facts.replica)
            answer.member("started_at", facts.startedAt.rfc3339)
            answer.member("now", Timestamp.now().rfc3339)
            answer.member("mode", isDevelopment ? "development" : "production")
            answer.member("public_url", settings.publicURL.description)
            answer.array("degraded") { parts in for part in report.degraded { parts.element(part) } }
            answer.member("store", report.isStoreUp.map { $0 ? "up" : "down" } ?? "none")
            answer.array("keyrings") { rings in
                for schedule in schedules { rings.object { schedule.write(to: &$0) } }
            }
            if let webhooks {
                answer.object("webhooks") { webhooks.write(to: &$0) }
            } else {
                answer.null("webhooks")
            }
            answer.object("activity") { facts.activity.report().write(to: &$0) }
            answer.array("settings") { settings in
                for setting in facts.settings {
                    settings.object { member in
                        member.member("name", setting.name)
                        member.member("value", setting.value)
                        member.member("source", setting.source)
                    }
                }
            }
        }
    }

    private func webhooks(isStoreUp: Bool) async throws(APIError) -> Webhooks? {
        guard isStoreUp, let outbox = facts.outbox else { return nil }
        do throws(StoreError) {
            let backlog = try await outbox.webhookBacklog()
            let dead =
                backlog.deadCount == 0
                ? []
                : try await outbox.listWebhooks(
                    workspaceID: nil, areDead: true, limit: Self.deadLetterCount)
            return Webhooks(backlog: backlog, dead: dead)
        } catch {
            throw APIError(error)
        }
    }
}

private struct Webhooks {
    let backlog: WebhookBacklog
    let dead: [Result<WebhookMessage, UnreadableWebhook>]

    func write(to answer: inout JSONOutput.Members) {
        answer.member("waiting", backlog.waitingCount)
        answer.member("oldest_seconds", Int(backlog.oldest.components.seconds))
        answer.member("dead", backlog.deadCount)
        answer.array("dead_letters") { letters in
            for row in dead {
                letters.object { letter in
                    switch row {
                    case .success(let message): Self.write(message, to: &letter)
                    case .failure(let row): Self.write(row, to: &letter)
                    }
                }
            }
        }
    }

    private static func write(_ message: WebhookMessage, to letter: inout JSONOutput.Members) {
        letter.member("id", message.id)
        letter.member("workspace_id", message.target.workspaceID)
        letter.member("type", message.type)
        letter.member("subject", message.subject)
        letter.member("origin", message.target.origin)
        letter.member("created_at", message.createdAt.rfc3339)
        letter.member("attempts", message.attemptCount)
        letter.member("last_error", message.lastError)
    }

    private static func write(_ row: UnreadableWebhook, to letter: inout JSONOutput.Members) {
        letter.member("id", row.reference.description)
        letter.member("workspace_id", row.workspaceID)
        for name in ["type", "subject", "origin", "created_at", "attempts"] { letter.null(name) }
        letter.member("last_error", "unreadable: \(row.fault)")
    }
}

extension WebhookTarget {
    /// Scheme and host alone: some receivers have a secret in the rest of their URL.
    var origin: String {
        guard let separator = url.firstRange(of: "://") else { return "" }
        let authority = url[separator.upperBound...].prefix { !"/?#\\".contains($0) }
        let host = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        return "\(url[..<separator.upperBound])\(host)"
    }
}

extension ActivityRecord.Report {
    fileprivate func write(to answer: inout JSONOutput.Members) {
        answer.member("since", since.rfc3339)
        answer.array("counters") { elements in
            for count in counts {
                elements.object { member in
                    member.member("name", count.series.name)
                    member.object("labels") { labels in
                        for label in count.series.labels { labels.member(label.name, label.value) }
                    }
                    member.member("recent", Int(count.recent))
                    member.member("total", Int(count.total))
                }
            }
        }
    }
}

extension KeyringSchedule {
    fileprivate func write(to answer: inout JSONOutput.Members) {
        answer.member("purpose", purpose.rawValue)
        answer.member("digest", report.digest)
        answer.member("sealing_key", report.sealingKey?.description)
        answer.member("next_activation", report.nextActivation?.rfc3339)
        answer.member("reloaded_at", report.reloadedAt?.rfc3339)
        answer.member("problem", report.problem)
        answer.member("max_lifetime", Int(maximumLifetime.components.seconds))
        answer.member("propagation", Int(propagation.components.seconds))
        answer.member("skew", Int(skew.components.seconds))
        answer.array("keys") { elements in
            for entry in keys {
                elements.object { member in
                    member.member("id", entry.key.id.description)
                    member.member("state", entry.state.rawValue)
                    member.member("created", entry.key.created.rfc3339)
                    member.member("activates", entry.key.activates?.rfc3339)
                    member.member("superseded", entry.superseded?.rfc3339)
                    member.member("may_go_from", entry.mayGoFrom?.rfc3339)
                }
            }
        }
    }
}
