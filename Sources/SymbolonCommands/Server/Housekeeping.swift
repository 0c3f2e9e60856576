internal import ConnectService
internal import Connections
internal import Logging
internal import ServiceLifecycle

/// Deletes claims, and events of deleted connections, that were kept long enough, a few at a time, as long as the server runs.
struct Housekeeping<Store: ConnectionStore>: Service {
    /// Small, so that no transaction is long and callbacks wait for none.
    private static var batch: Int { 200 }

    private let store: Store
    private let logger: Logger

    init(_ store: Store, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await purge()
                // Not at one moment on all replicas.
                await pause(.seconds(Int.random(in: 45...75)))
            }
        }
    }

    private func purge() async {
        do throws(StoreError) {
            while !Task.isCancelled, try await store.purgeClaims(limit: Self.batch) == Self.batch {
                await pause(.milliseconds(20))
            }
            while !Task.isCancelled, try await store.purgeEvents(limit: Self.batch) == Self.batch {
                await pause(.milliseconds(20))
            }
        } catch {
            logger.warning("claims and events were not purged; trying again", metadata: ["error": "\(error)"])
        }
    }
}
