import Connections
import GRDB

extension StoreError {
    /// What an error of GRDB's means to a caller. No SQL and no value gets out with it.
    init(translating error: any Error) {
        switch error {
        case let error as StoreError:
            self = error
        case let error as DatabaseError:
            self.init(error)
        case is CancellationError:
            self = .unavailable(reason: "cancelled")
        case is RowDecodingError, is DecodingError:
            self = .corrupt(reason: "a column does not hold what it should")
        default:
            self = .unavailable(reason: "the database's library failed")
        }
    }

    private init(_ error: DatabaseError) {
        let reason = "SQLite \(error.extendedResultCode)"
        switch error.resultCode {
        case .SQLITE_NOTADB: self = .corrupt(reason: "the file is no SQLite database")
        case .SQLITE_CORRUPT, .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_ERROR:
            self = .corrupt(reason: reason)
        default:
            self = .unavailable(reason: reason, kind: StoreOutage(error.resultCode))
        }
    }
}

extension StoreOutage {
    fileprivate init(_ code: ResultCode) {
        self =
            switch code {
            case .SQLITE_BUSY, .SQLITE_LOCKED: .busy
            case .SQLITE_FULL: .full
            case .SQLITE_READONLY: .readOnly
            case .SQLITE_CANTOPEN: .unreachable
            default: .other
            }
    }
}
