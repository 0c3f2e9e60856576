import ConnectService
import ServiceLifecycle

/// On shutdown, waits for flows whose clients have disconnected. The HTTP server waits only for open connections.
struct OngoingFlowsWait: Service {
    let flows: OngoingFlows
    /// The longest that an exchange and its writes may take.
    let limit: Duration

    func run() async throws {
        try await gracefulShutdown()
        await flows.waitUntilIdle(for: limit)
    }
}
