internal import Connections
internal import Logging
internal import Synchronization

/// Logs that a loop cannot reach the store: once when an outage begins and once when it ends.
final class StoreOutageLog: Sendable {
    private let logger: Logger
    private let waiting: String
    private let isOut = Mutex(false)

    /// - Parameter waiting: what waits meanwhile.
    init(_ logger: Logger, waiting: String) {
        self.logger = logger
        self.waiting = waiting
    }

    func failed(_ error: StoreError) {
        let isNews = isOut.withLock { isOut in
            defer { isOut = true }
            return !isOut
        }
        guard isNews else { return }
        logger.warning("the store failed; \(waiting) wait until it is back", metadata: ["error": "\(error)"])
    }

    func reached() {
        let isNews = isOut.withLock { isOut in
            defer { isOut = false }
            return isOut
        }
        if isNews { logger.notice("the store is back; \(waiting) go on") }
    }
}
