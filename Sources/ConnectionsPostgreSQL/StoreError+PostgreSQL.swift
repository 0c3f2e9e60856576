#if PostgreSQL
import Connections
import NIOPosix

extension StoreError {
    /// What an error means to a caller. No SQL and no value gets out with it.
    init(translating error: any Error) {
        switch error {
        case let error as StoreError:
            self = error
        case let error as DatabaseSessionError:
            self.init(error)
        case is NIOThreadPoolError.ThreadPoolInactive:
            self = .unavailable(reason: "the store is closed")
        case is CancellationError:
            self = .unavailable(reason: "cancelled")
        default:
            self = .unavailable(reason: "\(type(of: error))")
        }
    }

    private init(_ failure: DatabaseSessionError) {
        switch failure {
        case .disconnected(let reason):
            self = .unavailable(reason: reason, kind: .unreachable)
        case .timedOut:
            self = .unavailable(reason: "PostgreSQL does not answer", kind: .timedOut)
        case .refused(let sqlState):
            let reason = "PostgreSQL \(sqlState)"
            switch sqlState.prefix(2) {
            // Values, constraints, and tables that are not there or not ours: trying again does not help.
            case "22", "23", "42": self = .corrupt(reason: reason)
            default: self = .unavailable(reason: reason, kind: StoreOutage(sqlState))
            }
        }
    }
}

extension StoreOutage {
    /// PostgreSQL, appendix A.
    fileprivate init(_ sqlState: String) {
        self =
            switch sqlState {
            case "25006": .readOnly
            case "53100": .full
            case "53300", "55P03": .busy
            case "57014": .timedOut
            case _ where sqlState.hasPrefix("28"): .rejected
            case _ where sqlState.hasPrefix("57P") || sqlState.hasPrefix("08"): .unreachable
            default: .other
            }
    }
}
#endif
