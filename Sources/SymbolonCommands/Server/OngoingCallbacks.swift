import ConnectService
import ServiceLifecycle

/// Waits at the end for the callbacks whose callers have gone: the server does not, since their connections are closed.
struct OngoingCallbacks: Service {
    let flows: OngoingFlows

    /// A token request and the writes on either side of it.
    private static let limit = Duration.seconds(20)

    func run() async throws {
        try await gracefulShutdown()
        await flows.end(within: Self.limit)
    }
}
