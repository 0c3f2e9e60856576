import ArgumentParser
import ConnectService
import Connections

/// `symbolon webhooks`
struct WebhooksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhooks",
        abstract: "Manage webhook messages that are waiting or dead.",
        discussion: """
            EXAMPLES
              symbolon webhooks list --dead
              symbolon webhooks replay msg_AbCdEfGhIjKlMnOpQrStUv
              symbolon webhooks test --config symbolon.yaml --workspace wsp_1
            """,
        subcommands: [List.self, Replay.self, Drop.self, Test.self])

    static func missing(_ reference: WebhookReference) -> String {
        "there is no webhook \("\(reference)".printable): it was delivered or dropped, or never was"
    }
}

/// The messages that a command changes.
struct WebhookSelection: ParsableArguments {
    @Argument(help: "The messages' ids.")
    var ids: [String] = []

    @Flag(help: "All dead letters, at most 10000.")
    var dead = false

    @Option(help: .init("With --dead: only this workspace's.", valueName: "id"))
    var workspace: String?

    func validate() throws {
        guard dead != !ids.isEmpty else { throw ValidationError("Give ids, or --dead.") }
        guard dead || workspace == nil else { throw ValidationError("--workspace goes with --dead.") }
    }

    func references(in outbox: any WebhookOutbox) async throws(StoreError) -> [WebhookReference] {
        var references = ids.map { WebhookReference($0) }
        guard dead else { return references }
        for row in try await outbox.listWebhooks(workspaceID: workspace, areDead: true, limit: 10_000) {
            switch row {
            case .success(let message): references.append(.id(message.id))
            case .failure(let row): references.append(row.reference)
            }
        }
        return references
    }
}

extension StoreOptions {
    func outbox() async throws -> any WebhookOutbox {
        guard let outbox = try await open() as? any WebhookOutbox else {
            throw CommandError(.refused, "this store keeps no webhooks")
        }
        return outbox
    }
}
