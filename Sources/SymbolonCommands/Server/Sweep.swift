internal import ConnectService
internal import Connections
internal import ServiceLifecycle

/// Keeps connections fresh as long as the server runs, and finishes the refreshes that it has begun.
struct Sweep<Store: ConnectionStore>: Service {
    let sweep: ConnectionSweep<Store>

    func run() async throws {
        await cancelWhenGracefulShutdown { await sweep.run() }
    }
}
