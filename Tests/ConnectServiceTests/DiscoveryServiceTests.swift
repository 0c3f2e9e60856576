import Integrations
import OAuthHTTP
import Synchronization
import Testing

@testable import ConnectService

@Suite("DiscoveryService", .timeLimit(.minutes(1))) struct DiscoveryServiceTests {
    @Test func `it sleeps while no integration waits, and looks when another catalog is in force`()
        async throws
    {
        let catalog = try Catalog(files: [], allowsInsecureLoopback: true)
        let registry = IntegrationRegistry(catalog, settings: [:], allowsInsecureLoopback: true)
        let http = ProviderHTTPClient(ProviderHTTPConfiguration(timeout: .milliseconds(500)))
        let service = DiscoveryService(
            registry, client: DiscoveryClient(http), logger: LogRecorder().logger)
        let (pauses, pause) = AsyncStream<[String]>.makeStream()
        let run = Task {
            await service.run { _ in
                pause.yield(registry.awaitingDiscovery.map(\.id))
                throw CancellationError()
            }
            pause.finish()
        }
        registry.replace(
            with: catalog,
            settings: [
                "generic": IntegrationSettings(
                    clientID: "client", clientSecret: ClientSecret("secret"), issuer: "https://127.0.0.1:1")
            ],
            workspaces: WorkspaceDirectory([]))
        // The first pause is one between two attempts.
        var found: [[String]] = []
        for await waiting in pauses { found.append(waiting) }
        #expect(found == [["generic"]])
        await run.value
        await http.shutdown()
    }
}
