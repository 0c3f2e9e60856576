package import Connections
import Synchronization

/// A database clock that moves when a test says so.
package final class ManualClock: Sendable {
    private let time: Mutex<DatabaseTime>

    package init(startingAt start: DatabaseTime = DatabaseTime(millisecondsSinceEpoch: 1_767_225_600_000)) {
        time = Mutex(start)
    }

    package var now: DatabaseTime { time.withLock { $0 } }

    /// Forwards, or backwards as a clock that is set right does.
    package func advance(by duration: Duration) { time.withLock { $0 = $0 + duration } }
}
