internal import Keyrings
internal import Logging
internal import NIOPosix
internal import StateTokens
internal import Synchronization

/// Looks in the state keyring's file for keys that the ring lacks.
///
/// There is one look at a time, however many states name an unknown key: while the disk stalls, strangers hold one thread
/// and not all that the process has for such work.
final class StateKeyFinder: Sendable {
    private let look: @Sendable (KeyID) -> Void
    private let hasKey: @Sendable (KeyID) -> Bool
    private let logger: Logger
    private let running = Mutex<Task<Void, Never>?>(nil)

    /// - Parameter look: reads the file, if it was not read just before.
    init(
        look: @escaping @Sendable (KeyID) -> Void, hasKey: @escaping @Sendable (KeyID) -> Bool,
        logger: Logger
    ) {
        self.look = look
        self.hasKey = hasKey
        self.logger = logger
    }

    convenience init(_ ring: LiveKeyring, logger: Logger) {
        self.init(
            look: { _ = ring.keyIsUnknown($0) }, hasKey: { ring.reference.current[$0] != nil }, logger: logger
        )
    }

    /// Whether the ring has the key now.
    func find(_ id: KeyID) async -> Bool {
        await task(for: id).value
        return hasKey(id)
    }

    /// The look that is running, or a new one on a thread that may wait for a disk.
    private func task(for id: KeyID) -> Task<Void, Never> {
        running.withLock { running in
            if let running { return running }
            let task = Task {
                do {
                    try await NIOThreadPool.singleton.runIfActive { self.look(id) }
                } catch {
                    logger.error(
                        "the state keyring could not be looked at", metadata: ["error": "\(error)"])
                }
                self.running.withLock { $0 = nil }
            }
            running = task
            return task
        }
    }
}
