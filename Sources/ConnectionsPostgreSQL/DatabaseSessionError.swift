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

    /// The server said no, so that nothing was written.
    var isRefusal: Bool {
        if case .refused = self { return true }
        return false
    }

    /// The server can run no transaction that writes now: it is out of resources (53), shuts down or starts (57P), or only
    /// reads (25006).
    var affectsAllWrites: Bool {
        guard case .refused(let sqlState) = self else { return false }
        return sqlState == "25006" || sqlState.hasPrefix("53") || sqlState.hasPrefix("57P")
    }
}
#endif
