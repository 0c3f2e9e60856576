internal import Access
internal import ConnectService
internal import Connections
internal import Logging
internal import ServiceLifecycle

/// Notes in the store when API keys were last used on this replica: about once a minute, and at the end.
struct KeyUseNotes: Service {
    private let store: any APIKeyUseStore
    private let uses: APIKeyUses
    private let logger: Logger

    init(_ store: any APIKeyUseStore, _ uses: APIKeyUses, logger: Logger) {
        self.store = store
        self.uses = uses
        self.logger = logger
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // Not at one moment on all replicas.
                await pause(.seconds(Int.random(in: 45...75)))
                if !Task.isCancelled { await note() }
            }
        }
        await note()
    }

    private func note() async {
        let pending = uses.pending
        do throws(StoreError) {
            try await store.noteKeyUses(pending)
            uses.noted(pending)
        } catch {
            logger.warning("uses of API keys were not noted; trying again", metadata: ["error": "\(error)"])
        }
    }
}
