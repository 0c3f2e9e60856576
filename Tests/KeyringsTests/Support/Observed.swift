import Keyrings
import Synchronization

/// What a ``LiveKeyring`` told its observer.
final class Observed: Sendable {
    private let list = Mutex<[LiveKeyring.Outcome]>([])

    var outcomes: [LiveKeyring.Outcome] { list.withLock { $0 } }

    func add(_ outcome: LiveKeyring.Outcome) { list.withLock { $0.append(outcome) } }
}
