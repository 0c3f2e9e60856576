internal import ConnectService
internal import ServiceLifecycle

/// Finds the endpoints of integrations that are configured by their issuer, as long as one is missing.
struct Discovery: Service {
    let service: DiscoveryService

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await service.run()
        }
        try await gracefulShutdown()
    }
}
