internal import ConnectService
internal import Connections
internal import Logging
internal import OAuth
internal import OAuthHTTP
internal import ServiceLifecycle

/// Sends webhooks as long as the server runs.
struct WebhookSender<Outbox: WebhookOutbox>: Service {
    /// For one request, all of it.
    private static var timeout: Duration { .seconds(15) }

    private let deliveries: WebhookDeliveries<Outbox>
    private let endpoints: WebhookEndpoints

    init(_ outbox: Outbox, to endpoints: WebhookEndpoints, client: ProviderHTTPClient, logger: Logger) {
        self.endpoints = endpoints
        deliveries = WebhookDeliveries(outbox, to: endpoints, logger: logger) { request in
            await client.send(webhook: request, timeout: Self.timeout)
        }
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            // Nothing is to be sent until some workspace has an endpoint; events are written all the same.
            var rounds = 0
            while endpoints.isEmpty, !Task.isCancelled {
                if rounds.isMultiple(of: 30) { await deliveries.runMaintenance() }
                rounds += 1
                await pause(.seconds(1))
            }
            await deliveries.run()
        }
    }
}

extension ProviderHTTPClient {
    /// A redirect is no delivery, and is not followed.
    func send(webhook request: ProviderRequest, timeout: Duration) async -> WebhookResult {
        do throws(ProviderRequestError) {
            return WebhookResult(
                status: try await send(request, as: .webhook, deadline: .now + timeout).status)
        } catch {
            return WebhookResult(error)
        }
    }
}
