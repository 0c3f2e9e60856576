import ArgumentParser
import ConnectService
import Connections
import Encodings
import OAuth
import OAuthHTTP
import StateTokens

extension WebhooksCommand {
    /// `symbolon webhooks test`
    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "test",
            abstract: "Send a signed test message to a workspace's endpoints.",
            discussion: """
                EXAMPLES
                  symbolon webhooks test --config symbolon.yaml --workspace wsp_1
                """)

        @Option(help: .init("The workspace.", valueName: "id"))
        var workspace: String

        @OptionGroup var options: ConfigurationFileOptions

        func run() async throws {
            let settings = try options.settings()
            guard let production = settings.production else {
                throw CommandError(.configuration, "development mode has no workspaces file, so no endpoints")
            }
            let endpoints = WebhookEndpoints(try WorkspaceFile.load(production.workspaces))
            let targets = endpoints.targets.filter { $0.workspaceID == workspace }
            guard !targets.isEmpty else {
                throw CommandError(
                    .refused, "the workspace `\(workspace)` has no webhooks in \(production.workspaces)")
            }
            let client = ProviderHTTPClient(settings.providers.http())
            var failureCount = 0
            for target in targets {
                switch try await send(to: target, endpoints, client) {
                case .delivered: try Console.print("\(target.url): delivered")
                case .failed(let error):
                    failureCount += 1
                    try Console.print("\(target.url): \(error)")
                }
            }
            await client.shutdown()
            guard failureCount == 0 else {
                throw CommandError(.refused, "\(failureCount) of \(targets.count) endpoints took no message")
            }
        }

        private func send(
            to target: WebhookTarget, _ endpoints: WebhookEndpoints, _ client: ProviderHTTPClient
        ) async throws -> WebhookResult {
            let now = Timestamp.now()
            let body = JSONOutput.object { members in
                members.member("type", "webhook.test")
                members.member("timestamp", now.rfc3339)
                members.object("data") { data in
                    data.member("reason", "symbolon webhooks test")
                    data.object("tags") { _ in }
                }
            }
            let id = try WebhookMessage.makeID()
            guard let secrets = await endpoints.secrets(of: target),
                let request = ProviderRequest.webhook(
                    id: id, body: String(decoding: body, as: UTF8.self), to: target.url, secrets: secrets,
                    at: now)
            else { return .failed("not_signed") }
            return await client.send(webhook: request, timeout: .seconds(15))
        }
    }
}
