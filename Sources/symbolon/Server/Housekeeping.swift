internal import Connections
internal import Logging
internal import ServiceLifecycle

/// Deletes claims that were kept long enough, a few at a time, as long as the server runs.
struct Housekeeping<Store: ConnectionStore>: Service {
    private static var batch: Int { 500 }

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
                do {
                    try await Task.sleep(for: .seconds(60))
                } catch {
                    return
                }
            }
        }
    }

    private func purge() async {
        do throws(StoreError) {
            while try await store.purgeClaims(limit: Self.batch) == Self.batch {}
        } catch {
            logger.warning("claims were not purged; trying again", metadata: ["error": "\(error)"])
        }
    }
}
