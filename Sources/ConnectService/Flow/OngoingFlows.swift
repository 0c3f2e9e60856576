internal import Synchronization

/// How many callbacks are being brought to their end, so that the process does not end before them: a code that was sent is
/// spent, and what it brought would be lost.
package final class OngoingFlows: Sendable {
    private let counter = Atomic<Int>(0)

    package init() {}

    /// Runs `body` in a task of its own, which counts from now on.
    package func run(_ body: @escaping @Sendable () async -> Void) {
        counter.wrappingAdd(1, ordering: .relaxed)
        Task {
            await body()
            counter.wrappingSubtract(1, ordering: .releasing)
        }
    }

    package var count: Int { counter.load(ordering: .acquiring) }

    /// Waits until none is in progress, and no longer than `limit`.
    package func end(within limit: Duration) async {
        let end = ContinuousClock.now + limit
        while count > 0, ContinuousClock.now < end {
            do {
                try await Task.sleep(for: .milliseconds(10))
            } catch {
                // Nobody waits for them any more.
                return
            }
        }
    }
}
