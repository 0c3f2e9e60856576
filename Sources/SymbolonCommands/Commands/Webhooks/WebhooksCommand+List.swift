import ArgumentParser
import Connections
import Encodings
import StateTokens

extension WebhooksCommand {
    /// `symbolon webhooks list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "List messages that are waiting or dead, the oldest first.",
            discussion: """
                A message whose row cannot be read is listed as row-NUMBER, with the reason.

                EXAMPLES
                  symbolon webhooks list
                  symbolon webhooks list --dead --workspace wsp_1
                  symbolon webhooks list --json | jq -r '.data[].id'
                """)

        @Flag(help: "Only dead letters.")
        var dead = false

        @Option(help: .init("Only this workspace's.", valueName: "id"))
        var workspace: String?

        @Option(help: .init("The most to list.", valueName: "count"))
        var limit = 1_000

        @OptionGroup var source: StoreOptions
        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...100_000).contains(limit) else {
                throw ValidationError("--limit must be from 1 to 100000.")
            }
        }

        func run() async throws {
            let found: [Result<WebhookMessage, UnreadableWebhook>]
            do {
                found = try await source.outbox().listWebhooks(
                    workspaceID: workspace, areDead: dead ? true : nil, limit: limit)
            } catch let error as StoreError {
                throw CommandError(error)
            }
            if output.json {
                return try Console.print(
                    octets: JSONOutput.object(capacity: 4096) { answer in
                        answer.array("data") { data in
                            for row in found {
                                data.object { members in
                                    switch row {
                                    case .success(let message): message.write(to: &members)
                                    case .failure(let row): row.write(to: &members)
                                    }
                                }
                            }
                        }
                    })
            }
            guard !found.isEmpty else {
                return Console.note(
                    dead || workspace != nil ? "No messages match." : "No messages are waiting.")
            }
            var table = TextTable("ID", "WORKSPACE", "TYPE", "CREATED", "ATTEMPTS", "NEXT", "ERROR")
            let now = Timestamp.now()
            for row in found {
                switch row {
                case .success(let message):
                    table.add(
                        StyledText(message.id), StyledText(message.target.workspaceID),
                        StyledText(message.type), StyledText(message.createdAt.relative(to: now)),
                        StyledText("\(message.attemptCount)"),
                        StyledText(
                            message.nextAt?.relative(to: now) ?? "dead", message.isDead ? .bad : .plain),
                        StyledText(message.lastError ?? "-"))
                case .failure(let row):
                    table.add(
                        StyledText("\(row.reference)"), StyledText(row.workspaceID ?? "-"), StyledText("-"),
                        StyledText("-"), StyledText("-"), StyledText(row.isDead ? "dead" : "-", .bad),
                        StyledText(row.reason))
                }
            }
            try Console.print(table.rendered())
        }
    }
}

extension UnreadableWebhook {
    fileprivate var reason: String { "unreadable: \(fault)" }

    fileprivate func write(to answer: inout JSONOutput.Members) {
        answer.member("id", reference.description)
        answer.member("workspace_id", workspaceID)
        for name in ["url", "type", "subject", "created_at", "attempts", "next_at"] { answer.null(name) }
        answer.member("dead", isDead)
        answer.member("last_error", reason)
    }
}

extension WebhookMessage {
    fileprivate func write(to answer: inout JSONOutput.Members) {
        answer.member("id", id)
        answer.member("workspace_id", target.workspaceID)
        answer.member("url", target.url)
        answer.member("type", type)
        answer.member("subject", subject)
        answer.member("created_at", createdAt.rfc3339)
        answer.member("attempts", attemptCount)
        answer.member("next_at", nextAt?.rfc3339)
        answer.member("dead", isDead)
        answer.member("last_error", lastError)
    }
}
