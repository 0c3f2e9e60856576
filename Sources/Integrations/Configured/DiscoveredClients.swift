internal import Synchronization

/// A client at the servers whose documents were read, for a while.
///
/// Callers name the servers, so their number has a bound: the one that would be forgotten first makes room.
final class DiscoveredClients: Sendable {
    static let countLimit = 256
    static let lifetime: Duration = .seconds(600)

    private struct Known: Sendable {
        let client: ConfiguredIntegration
        let end: ContinuousClock.Instant
    }

    private let known = Mutex<[DiscoveryTarget: Known]>([:])

    func client(at target: DiscoveryTarget, now: ContinuousClock.Instant = .now) -> ConfiguredIntegration? {
        known.withLock { known in
            guard let found = known[target], now < found.end else { return nil }
            return found.client
        }
    }

    func keep(
        _ client: ConfiguredIntegration, at target: DiscoveryTarget, now: ContinuousClock.Instant = .now
    ) {
        known.withLock { known in
            if known[target] == nil, known.count >= Self.countLimit,
                let first = known.min(by: { $0.value.end < $1.value.end })
            {
                known[first.key] = nil
            }
            known[target] = Known(client: client, end: now + Self.lifetime)
        }
    }

    var count: Int { known.withLock { $0.count } }
}
