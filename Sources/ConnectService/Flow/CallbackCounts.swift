package import Metrics
package import StateTokens
internal import Synchronization

/// Counts opened and refused callbacks by key. It shows when a rotation is complete, and whether a disabled key is still
/// used.
package final class CallbackCounts: Sendable {
    /// A counter for each label there is: keys of the ring, and reasons of ours, never a caller's word.
    private struct Counters {
        var opened: [KeyID: (count: Int, counter: any CounterHandler)] = [:]
        var refused: [Refusal: any CounterHandler] = [:]
    }

    private struct Refusal: Hashable {
        let reason: String
        let keyID: KeyID?
    }

    private let metrics: any MetricsFactory
    private let counters = Mutex(Counters())

    package init(metrics: any MetricsFactory = MetricsSystem.factory) { self.metrics = metrics }

    /// A state's tag held under this key.
    func opened(under id: KeyID) {
        counters.withLock { counters in
            var (count, counter) =
                counters.opened[id]
                ?? (
                    0,
                    metrics.makeCounter(
                        label: ServiceMetric.callbacksOpened.rawValue,
                        dimensions: [("key_id", id.description)])
                )
            count += 1
            counter.increment(by: 1)
            counters.opened[id] = (count, counter)
        }
    }

    func refused(_ refusal: CallbackVerificationError) {
        let refusal = Refusal(reason: refusal.name, keyID: refusal.keyInRing)
        counters.withLock { counters in
            let counter =
                counters.refused[refusal]
                ?? metrics.makeCounter(
                    label: ServiceMetric.callbackRefusals.rawValue,
                    dimensions: [
                        ("reason", refusal.reason), ("key_id", refusal.keyID?.description ?? ""),
                    ])
            counter.increment(by: 1)
            counters.refused[refusal] = counter
        }
    }

    /// How many were opened under each key, since the process began, in the order of the ids.
    package var openedByKey: [(id: KeyID, count: Int)] {
        counters.withLock { counters in
            counters.opened.map { (id: $0.key, count: $0.value.count) }.sorted { $0.id < $1.id }
        }
    }
}

extension CallbackVerificationError {
    /// The key that is to blame, if the ring has it.
    fileprivate var keyInRing: KeyID? {
        guard case .state(.disabledKey(let id)) = self else { return nil }
        return id
    }
}
