import Foundation
import Synchronization

/// The servers that still run. They are killed at exit, where globals get no `deinit`.
package enum LeftoverProcesses {
    private static let running: Mutex<Set<Int32>> = {
        atexit { LeftoverProcesses.end() }
        return Mutex([])
    }()

    package static func add(_ process: Int32) { running.withLock { _ = $0.insert(process) } }
    package static func remove(_ process: Int32) { running.withLock { _ = $0.remove(process) } }

    private static func end() {
        running.withLock { for process in $0 { kill(process, SIGKILL) } }
    }
}
