internal import ConnectService
internal import ServiceLifecycle

/// Runs discovery until the endpoints of every integration are known.
struct Discovery: Service {
    let service: DiscoveryService

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await service.run()
        }
        try await gracefulShutdown()
    }
}
