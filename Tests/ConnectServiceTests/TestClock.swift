import StateTokens
import Synchronization

/// A replica's clock that moves when a test says so.
final class TestClock: Sendable {
    private let time = Mutex(TestKeys.start)

    var now: Timestamp { time.withLock { $0 } }

    func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}
