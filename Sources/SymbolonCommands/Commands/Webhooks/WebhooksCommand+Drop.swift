import ArgumentParser
import Connections

extension WebhooksCommand {
    /// `symbolon webhooks drop`
    struct Drop: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "drop",
            abstract: "Delete dead letters and unreadable messages.",
            discussion: """
                EXAMPLES
                  symbolon webhooks drop msg_AbCdEfGhIjKlMnOpQrStUv
                  symbolon webhooks drop row-17
                  symbolon webhooks drop --dead --workspace wsp_1
                """)

        @OptionGroup var selection: WebhookSelection
        @OptionGroup var source: StoreOptions

        func run() async throws {
            var problems: [String] = []
            var count = 0
            do {
                let outbox = try await source.outbox()
                for reference in try await selection.references(in: outbox) {
                    switch try await outbox.dropWebhook(reference) {
                    case .dropped: count += 1
                    case .notFound: problems.append(WebhooksCommand.missing(reference))
                    case .waiting:
                        problems.append("the webhook \(reference) was not given up, and is still to be sent")
                    }
                }
            } catch let error as StoreError {
                throw CommandError(error)
            }
            Console.note("\(count) webhooks were dropped.")
            guard problems.isEmpty else {
                throw CommandError(.refused, problems.joined(separator: "\n"))
            }
        }
    }
}
