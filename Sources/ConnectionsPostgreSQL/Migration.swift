#if PostgreSQL
import Connections
import NIOCore
import NIOPosix
import Synchronization

/// Brings a store's tables up to date: once at a time, on a thread that serves no request, and for as long as it takes.
///
/// Calls that need the tables in the meantime wait for a few seconds, and then fail.
final class Migration: Sendable {
    private let perform: @Sendable () throws -> Void
    private let running = Mutex<EventLoopFuture<Void>?>(nil)

    init(perform: @escaping @Sendable () throws -> Void) { self.perform = perform }

    /// Waits for the one that runs, or for a new one. Blocks its thread.
    ///
    /// - Throws: what the migration failed with, or that it takes longer than `timeout`.
    func wait(for timeout: Duration) throws {
        let loop = MultiThreadedEventLoopGroup.singleton.any()
        let promise = loop.makePromise(of: Void.self)
        let timer = loop.scheduleTask(in: .milliseconds(timeout.components.seconds * 1_000)) {
            promise.fail(
                StoreError.unavailable(
                    reason: "its tables are being brought up to date, which takes a while", kind: .timedOut))
        }
        outcome(on: loop).cascade(to: promise)
        defer { timer.cancel() }
        try promise.futureResult.wait()
    }

    private func outcome(on loop: any EventLoop) -> EventLoopFuture<Void> {
        running.withLock { running in
            if let running { return running }
            let promise = loop.makePromise(of: Void.self)
            NIOThreadPool.singleton.submit { [self] state in
                let result = Result { try perform(while: state) }
                self.running.withLock { $0 = nil }
                promise.completeWith(result)
            }
            running = promise.futureResult
            return promise.futureResult
        }
    }

    private func perform(while state: NIOThreadPool.WorkItemState) throws {
        guard state == .active else { throw StoreError.unavailable(reason: "the store is closed") }
        try perform()
    }
}
#endif
