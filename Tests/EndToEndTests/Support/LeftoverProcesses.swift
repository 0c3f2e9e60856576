import Foundation
import Synchronization

/// The servers still running, ended when the tests do: what a global holds gets no `deinit` at exit.
enum LeftoverProcesses {
    private static let running: Mutex<Set<Int32>> = {
        atexit { LeftoverProcesses.end() }
        return Mutex([])
    }()

    static func add(_ process: Int32) { running.withLock { _ = $0.insert(process) } }
    static func remove(_ process: Int32) { running.withLock { _ = $0.remove(process) } }

    private static func end() {
        running.withLock { for process in $0 { kill(process, SIGKILL) } }
    }
}
