import ArgumentParser
import Connections

extension WebhooksCommand {
    /// `symbolon webhooks replay`
    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "replay",
            abstract:
                "Send messages again; a running service delivers them.",
            discussion: """
                A message keeps its id, so that the app can recognize a repeated one. Give a message whose \
                row cannot be read by its name in `symbolon webhooks list`, such as row-17; if its text is \
                intact, it is sent.

                EXAMPLES
                  symbolon webhooks replay msg_AbCdEfGhIjKlMnOpQrStUv
                  symbolon webhooks replay --dead --workspace wsp_1
                """)

        @OptionGroup var selection: WebhookSelection
        @OptionGroup var source: StoreOptions

        func run() async throws {
            var problems: [String] = []
            var count = 0
            do {
                let outbox = try await source.outbox()
                let chosen = try await selection.references(in: outbox)
                for reference in chosen {
                    switch try await outbox.replayWebhook(reference) {
                    case .due: count += 1
                    case .notFound: problems.append(WebhooksCommand.missing(reference))
                    case .unreadable(let fault):
                        problems.append(
                            "the webhook \(reference) cannot be read (\(fault)): drop it with "
                                + "`symbolon webhooks drop \(reference)`")
                    }
                }
            } catch let error as StoreError {
                throw CommandError(error)
            }
            Console.note("\(counted: count, "message") due now.")
            guard problems.isEmpty else {
                throw CommandError(.refused, problems.joined(separator: "\n"))
            }
        }
    }
}
