/// Why a server beside the tests could not be used; each says what it printed.
package enum ServerProcessError: Error, CustomStringConvertible {
    /// There is no such program, or it may not be run.
    case notStarted(String, String)
    /// It ended while something was still expected of it.
    case ended(String, status: Int32, log: String)
    /// It runs, and did not do what was waited for.
    case timedOut(String, waitingFor: String, log: String)
    /// No free port, or one that could not be read.
    case noPort(errno: Int32)

    package var description: String {
        switch self {
        case .notStarted(let program, let reason): "\(program) could not be started: \(reason)"
        case .ended(let program, let status, let log): "\(program) ended with \(status):\n\(log)"
        case .timedOut(let program, let what, let log): "\(program): no \(what) in time:\n\(log)"
        case .noPort(let errno): "no free port on 127.0.0.1 (errno \(errno))"
        }
    }
}
