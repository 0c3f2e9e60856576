#if PostgreSQL
/// What went wrong between libpq and the server.
enum DatabaseSessionError: Error, Equatable {
    /// No connection could be made, or one was lost. What was sent may have been done.
    case disconnected(reason: String)
    /// No answer in time; the connection is given up.
    case timedOut
    /// The server said no; the five characters say why (PostgreSQL, appendix A).
    case refused(sqlState: String)
}

extension DatabaseSessionError {
    /// Two transactions got in each other's way, and the server undid this one: the same again may go well.
    var isPassing: Bool {
        guard case .refused(let sqlState) = self else { return false }
        return sqlState.hasPrefix("40")
    }
}
#endif
