internal import ConnectService
internal import Connections
internal import ServiceLifecycle

/// Revokes the grants of revocations that were begun, as long as the server runs.
struct Revocations<Store: ConnectionStore>: Service {
    let worker: RevocationWorker<Store>

    func run() async throws {
        await cancelWhenGracefulShutdown { await worker.run() }
    }
}
