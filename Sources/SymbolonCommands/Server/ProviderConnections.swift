internal import OAuthHTTP
internal import ServiceLifecycle

/// Closes the connections to providers, after everything that uses them has ended.
struct ProviderConnections: Service {
    let client: ProviderHTTPClient

    func run() async throws {
        try await gracefulShutdown()
        await client.shutdown()
    }
}
