internal import Synchronization

/// Tracks the flows whose code is being exchanged, so that shutdown waits for them. Their codes are spent; without the wait
/// their tokens would be lost.
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

    /// Waits until no flow is in progress, at most for `limit`. Returns early if the task is cancelled.
    package func waitUntilIdle(for limit: Duration) async {
        let end = ContinuousClock.now + limit
        while count > 0, ContinuousClock.now < end {
            do {
                try await Task.sleep(for: .milliseconds(10))
            } catch {
                // The task was cancelled.
                return
            }
        }
    }
}
